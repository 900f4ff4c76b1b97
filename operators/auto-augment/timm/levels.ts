import type { Rng } from '../../../src/core/random.ts';
import { FULL_LEVEL } from './magnitudes.ts';

/** How levels are drawn about the one that is meant. */
export interface LevelNoise {
  /** Standard deviation; Infinity draws any level up to the one that is meant, each as likely. */
  readonly deviation: number;
  readonly highest: number;
}

export const noNoise: LevelNoise = { deviation: 0, highest: FULL_LEVEL };

export function drawLevel(level: number, { deviation, highest }: LevelNoise, rng: Rng): number {
  return Math.max(0, Math.min(highest, drawUnlimited(level, deviation, rng)));
}

function drawUnlimited(level: number, deviation: number, rng: Rng): number {
  if (deviation === 0) return level;
  return deviation === Number.POSITIVE_INFINITY ? rng.uniform(0, level) : level + deviation * rng.normal();
}
