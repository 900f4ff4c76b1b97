import { map, type OperatorFunction } from 'rxjs';
import type { Batch } from '../../src/core/batch.ts';

/**
 * Copies each batch out of its slot and frees the slot. Needed before RxJS operators that drop or keep batches
 * (`filter`, `bufferCount`, `shareReplay`): without it the slots they hold stop the stream.
 */
export function copied(): OperatorFunction<Batch, Batch> {
  return map((batch) => {
    const copy = batch.copy();
    batch.release();
    return copy;
  });
}
