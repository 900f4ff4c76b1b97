import type { Pipeline } from '../pipeline.ts';

/** How many samples were bad, each counted once, and how often others replaced them. */
export interface BadSamples {
  readonly badSamples: number;
  readonly substitutions: number;
}

export const badSamplesOf = ({ statistics }: Pipeline): BadSamples => ({
  badSamples: statistics?.badSamples ?? 0,
  substitutions: statistics?.substitutions ?? 0,
});
