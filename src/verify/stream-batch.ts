import type { Batch, Drawn, Substitution } from '../core/batch.ts';
import { mixOf, type RowMix } from '../core/mixing.ts';
import { labelsOfRow, type RowLabels } from '../core/multi-labels.ts';
import { rowDigest, streamDigest } from '../engine/rows/stream-digest.ts';

/** What a consumer got in one row. */
export interface StreamRow extends RowLabels {
  readonly id: number;
  readonly key: string;
  /** How the row is mixed with row XOR 1; undefined: it is not. */
  readonly mix: RowMix | undefined;
  /** Its partner's; undefined: the pipeline does not mix. */
  readonly partnerLabel: number | undefined;
  readonly drawn: readonly Drawn[];
  /** Of id, label, draws and the pixels that were delivered, in hex. */
  readonly digest: string;
  /** What the pipeline says this digest is. */
  readonly claimedDigest: string;
}

/** What a consumer got in one global batch: everything that the stream's identity is made of. */
export interface StreamBatch {
  readonly epoch: number;
  readonly index: number;
  readonly isLastOfEpoch: boolean;
  readonly substitutions: readonly Substitution[];
  readonly rows: readonly StreamRow[];
  /** Rolling, in hex. */
  readonly digest: string;
  readonly shape: Batch['shape'];
}

/** Takes down a batch of a pipeline with `recordDraws` and `digest`, its pixels as a digest of what was delivered. */
export async function streamBatchOf(batch: Batch): Promise<StreamBatch> {
  const { buffer, byteOffset, byteLength } = await batch.read();
  const { epoch, index, isLastOfEpoch, ids, keys, mixing, substitutions, shape } = batch;
  const rowBytes = byteLength / ids.length;
  const rows = Array.from(ids, (id, row) => {
    const drawn = batch.drawn?.[row] ?? [];
    const of = labelsOfRow(batch, row);
    const mix = mixing && mixOf(mixing, row);
    const pixels = new Uint8Array(buffer, byteOffset + row * rowBytes, rowBytes);
    return {
      ...{ id, ...of, drawn, mix, key: keys[row] as string },
      partnerLabel: mixing?.partnerLabels[row],
      digest: hex(rowDigest({ id, ...of, drawn, mix }, pixels)),
      claimedDigest: hex(batch.rowDigests?.[row] ?? new Uint8Array()),
    };
  });
  const digest = batch.digest as string;
  return { epoch, index, isLastOfEpoch, substitutions, rows, digest, shape };
}

/** The global batch that ranks make together, their rows one after the other. */
export function joinRanks(parts: readonly StreamBatch[], rowsPerRank: number, previous: string): StreamBatch {
  const first = parts[0] as StreamBatch;
  const rows = parts.flatMap((part) => part.rows);
  const substitutions = parts.flatMap((part, rank) =>
    part.substitutions.map((one) => ({ ...one, row: one.row + rank * rowsPerRank })),
  );
  const [, ...image] = first.shape;
  const joined = { ...first, rows, substitutions, shape: [rows.length, ...image] as Batch['shape'] };
  return { ...joined, digest: rollingDigest(previous, joined) };
}

function rollingDigest(previous: string, batch: Omit<StreamBatch, 'digest'>): string {
  const rowDigests = batch.rows.map((row) => Buffer.from(row.claimedDigest, 'hex'));
  return streamDigest(batch.index === 0 ? '' : previous, { ...batch, rowDigests });
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
