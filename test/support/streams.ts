import type { Batch } from '../../src/core/batch.ts';
import type { Pipeline } from '../../src/pipeline.ts';

/** Copies of all batches, read. */
export async function collect(pipeline: Pipeline): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of pipeline) {
    const copy = batch.copy();
    batches.push(copy);
    await copy.read();
    copy.release();
  }
  return batches;
}

/** Everything of a stream that its identity promises, as comparable data. */
export function contents(batches: readonly Batch[]) {
  return batches.map(({ epoch, index, ids, labels, keys, images, mixing }) => ({
    epoch,
    index,
    ids: [...ids],
    labels: [...labels],
    keys,
    weights: mixing && [...mixing.weights],
    partnerLabels: mixing && [...mixing.partnerLabels],
    pixels: Buffer.from(images.buffer, images.byteOffset, images.byteLength).toString('base64'),
  }));
}
