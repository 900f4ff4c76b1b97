import { createHash } from 'node:crypto';
import type { Drawn } from '../core/batch.ts';

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
