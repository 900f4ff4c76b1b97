import { ParameterError } from '../../core/errors.ts';
import { isPowerOfTwo } from '../../core/power-of-two.ts';
import { describeStep, type Step } from '../../core/step.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { checkInteger } from '../../engine/plan/options.ts';
import type { CompleteOptions } from '../complete-options.ts';

type Shared = Pick<CompleteOptions, 'stream' | 'parts' | 'ranks'>;

/** Rows of a step, which is the sum of parts: rows per part, per rank and in all. */
export interface StepRows {
  readonly part: number;
  readonly rank: number;
  readonly step: number;
}

/** `batchSize` counts a part's rows. Each rank has as many parts, which follow one another. */
export function rowsOf({ stream: { batchSize }, parts, ranks }: Shared): StepRows {
  // what is no number is named by the stream that is to have it
  if (parts === 1) return { part: batchSize, rank: batchSize, step: batchSize };
  return { part: batchSize, rank: (batchSize * parts) / ranks.size, step: batchSize * parts };
}

/** Refuses numbers of parts and ranks that do not go together. */
export function checkParts({ stream: { batchSize }, parts, ranks: { size } }: Shared): void {
  if (size > parts) throw tooMany(size, parts);
  if (!isPowerOfTwo(size))
    throw invalid(`${size} ranks: their number must be a power of two: start ${listed(powersUpTo(parts))}`);
  if (parts > 1) checkInteger('batchSize', batchSize, 1);
}

/** @param most a power of two */
const powersUpTo = (most: number): number[] =>
  Array.from({ length: Math.log2(most) + 1 }, (_, power) => 2 ** power);

function tooMany(ranks: number, parts: number): ParameterError {
  const counts = powersUpTo(parts);
  const have = parts === 1 ? '1 part' : `${parts} parts`;
  const start = `start it on ${listed(counts)} ${counts.length === 1 ? 'rank' : 'ranks'}`;
  return invalid(`${ranks} ranks: this training has ${have} per step (--parts): ${start}`);
}

const listed = (counts: readonly number[]): string =>
  [counts.slice(0, -1).join(', '), counts.at(-1)].filter((one) => one !== '').join(' or ');

/** Refuses steps of more rows than the dataset has. */
export function checkLength({ name, length }: Dataset, options: Shared): void {
  const { part, step } = rowsOf(options);
  // the stream knows how long a sampler's epochs are
  if (options.parts === 1 || step <= length || options.stream.sampler !== undefined) return;
  const rows = `${options.parts} parts of ${part} rows (--parts, --batch-size)`;
  const message = `${name}: a step of ${rows} is larger than the dataset of ${length}: none would ever be made`;
  throw new ParameterError('NO_BATCHES', message);
}

/** Refuses steps that blend rows of two parts, which two ranks may have. */
export function checkMixing(
  steps: readonly Step[],
  { stream: { batchSize }, parts }: Pick<CompleteOptions, 'stream' | 'parts'>,
): void {
  const mixing = steps.map((step) => step[describeStep]).find(({ phase }) => phase === 'batch');
  if (mixing === undefined || parts === 1 || batchSize % 2 === 0) return;
  const reason = 'so that the pairs of rows it blends lie in one part';
  const what = `batchSize (--batch-size) must be even with ${parts} parts per step (--parts)`;
  throw invalid(`${mixing.name}: ${what}, ${reason}, got ${batchSize}`);
}

const invalid = (message: string): ParameterError => new ParameterError('INVALID_OPTION', message);
