import type { Precision } from '../core/trainer.ts';
import type { TrainingInfo } from './checkpoint-metadata.ts';
import type { RunIdentity } from './run-identity.ts';
import { optionsOfValues } from './settings.ts';

/** Settings that are different in another precision. */
const settingsOfPrecision = ['amp', 'tf32', 'static-loss-scale', 'dynamic-loss-scale'];

/** The identity without its precision. */
export const withoutPrecision = ({ settings, ...others }: RunIdentity): RunIdentity => ({
  ...others,
  settings: Object.fromEntries(
    Object.entries(settings).filter(([name]) => !settingsOfPrecision.includes(name)),
  ),
});

export const precisionOf = ({ settings }: RunIdentity): Precision =>
  optionsOfValues(settings, 'flag').precision ?? 'float32';

/** Says that a checkpoint is of another precision than the run: a line, or undefined where it is not, or does not say. */
export function otherPrecision(
  path: string,
  training: TrainingInfo | undefined,
  precision: Precision,
): string | undefined {
  if (training === undefined) return undefined;
  const was = precisionOf(training.identity);
  if (was === precision) return undefined;
  return `${path}: was trained in precision ${was}, this run computes in ${precision}: weights are float32 in either, and are taken as they are`;
}
