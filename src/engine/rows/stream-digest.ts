import { createHash } from 'node:crypto';
import type { Batch, Drawn, Substitution } from '../../core/batch.ts';
import { corners, type RowMix } from '../../core/mixing.ts';
import type { RowLabels } from '../../core/multi-labels.ts';

/** What a row's digest is made of beside its pixels. */
export interface DigestedRow extends RowLabels {
  readonly id: number;
  readonly drawn: readonly Drawn[];
  /** Undefined: the row is not mixed. */
  readonly mix: RowMix | undefined;
}

/** Digest of one row of the stream. */
export function rowDigest({ id, label, labels, drawn, mix }: DigestedRow, pixels: Uint8Array): Uint8Array {
  const own = [id, labels ?? label, drawn];
  const facts = mix === undefined ? own : [...own, mix.lambda, mix.box && corners(mix.box)];
  return createHash('sha256').update(JSON.stringify(facts)).update(pixels).digest();
}

/** What a batch adds to the digest of its epoch. */
export interface DigestedBatch extends Pick<Batch, 'epoch' | 'index'> {
  readonly substitutions: readonly Substitution[];
  readonly rowDigests: readonly Uint8Array[];
}

/** Digest of the epoch's stream up to and with this batch; `previous` is that of the batch before, '' for the first. */
export function streamDigest(previous: string, batch: DigestedBatch): string {
  const { epoch, index, substitutions, rowDigests } = batch;
  const replaced = substitutions.map(({ row, key, code }) => [row, key, code]);
  const hash = createHash('sha256').update(previous);
  // the third stood for a weight, which is the rows' own now: without one, digests are as they always were
  hash.update(JSON.stringify([epoch, index, null, replaced]));
  for (const digest of rowDigests) hash.update(digest);
  return hash.digest('hex');
}
