import { ParameterError } from '../core/errors.ts';

/** How many batches make one update of the weights. */
export interface Accumulation {
  readonly batches: number;
  /** What is to be told where the rows asked for are not those that an update gets. */
  readonly warning?: string;
}

/**
 * Batches an update, so that it sees about `optimizerBatchSize` rows; -1: one.
 *
 * @param globalBatchSize rows of one step, of all ranks
 */
export function accumulationOf(optimizerBatchSize: number, globalBatchSize: number): Accumulation {
  if (optimizerBatchSize === -1) return { batches: 1 };
  const batches = Math.floor(optimizerBatchSize / globalBatchSize);
  // the reference divides by zero here
  if (!(batches >= 1)) {
    const expected = `a batch, ${globalBatchSize}, or more, or -1 for an update after each batch`;
    throw new ParameterError(
      'INVALID_OPTION',
      `optimizer batch size must be ${expected}, got ${optimizerBatchSize}`,
    );
  }
  const rows = batches * globalBatchSize;
  if (rows === optimizerBatchSize) return { batches };
  const reason = `${optimizerBatchSize} is not a multiple of the batch size, ${globalBatchSize}`;
  return { batches, warning: `updates are made of ${batches} batches, ${rows} images: ${reason}` };
}
