import { createHash } from 'node:crypto';
import type { Batch, Drawn, Substitution } from '../../core/batch.ts';

/** Digest of one row of the stream. */
export function rowDigest(
  id: number,
  label: number,
  drawn: readonly Drawn[],
  pixels: Uint8Array,
): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([id, label, drawn]))
    .update(pixels)
    .digest();
}

/** What a batch adds to the digest of its epoch. */
export interface DigestedBatch extends Pick<Batch, 'epoch' | 'index'> {
  /** MixUp's weight; undefined: the pipeline does not mix. */
  readonly lambda: number | undefined;
  readonly substitutions: readonly Substitution[];
  readonly rowDigests: readonly Uint8Array[];
}

/** Digest of the epoch's stream up to and with this batch; `previous` is that of the batch before, '' for the first. */
export function streamDigest(previous: string, batch: DigestedBatch): string {
  const { epoch, index, lambda = null, substitutions, rowDigests } = batch;
  const replaced = substitutions.map(({ row, key, code }) => [row, key, code]);
  const hash = createHash('sha256').update(previous);
  hash.update(JSON.stringify([epoch, index, lambda, replaced]));
  for (const digest of rowDigests) hash.update(digest);
  return hash.digest('hex');
}
