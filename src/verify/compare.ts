import { isDeepStrictEqual } from 'node:util';
import type { RowMix } from '../core/mixing.ts';
import type { Difference } from './difference.ts';
import type { StreamBatch, StreamRow } from './stream-batch.ts';

/** A row that differs: why is to be found out (diagnose.ts). */
export interface DifferentRow {
  readonly expected: StreamBatch;
  readonly actual: StreamBatch;
  readonly row: number;
}

/** The first difference between two batches: one that speaks for itself, or a row. */
export function compareBatches(
  expected: StreamBatch,
  actual: StreamBatch,
): Difference | DifferentRow | undefined {
  return (
    compareOrder(expected, actual) ??
    compareDelivery(expected, 'of the baseline') ??
    compareDelivery(actual, 'of the variant') ??
    compareMixing(expected, actual) ??
    compareRows(expected, actual) ??
    compareDigest(expected, actual)
  );
}

export const isDifferentRow = (difference: Difference | DifferentRow): difference is DifferentRow =>
  'expected' in difference;

function compareOrder(expected: StreamBatch, actual: StreamBatch): Difference | undefined {
  const place = placeInStream(expected);
  const extent = ({ epoch, index, rows, isLastOfEpoch }: StreamBatch) =>
    `epoch ${epoch}, batch ${index} of ${rows.length} rows${isLastOfEpoch ? ', the last of its epoch' : ''}`;
  if (extent(expected) !== extent(actual))
    return { ...place, stage: 'order', detail: instead(extent(actual), extent(expected)) };
  const row = firstRow(expected, actual, (a, b) => a.id === b.id && a.key === b.key);
  if (row === undefined) return undefined;
  const of = ({ rows }: StreamBatch) => sampleOf(rows[row] as StreamRow);
  const wasReplaced = [expected, actual].some(({ substitutions }) =>
    substitutions.some((one) => one.row === row),
  );
  return {
    ...place,
    row,
    key: (expected.rows[row] as StreamRow).key,
    stage: wasReplaced ? 'substitution' : 'order',
    detail: `${instead(of(actual), of(expected))}${replacement(actual, row)}${replacement(expected, row)}`,
  };
}

function replacement({ substitutions }: StreamBatch, row: number): string {
  const reasons = substitutions.filter((one) => one.row === row).map(({ message }) => message);
  return reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
}

function compareMixing(expected: StreamBatch, actual: StreamBatch): Difference | undefined {
  const row = firstRow(
    expected,
    actual,
    (a, b) => isDeepStrictEqual(a.mix, b.mix) && a.partnerLabel === b.partnerLabel,
  );
  if (row === undefined) return undefined;
  const [a, b] = [expected.rows[row] as StreamRow, actual.rows[row] as StreamRow];
  const detail = isDeepStrictEqual(a.mix, b.mix)
    ? `label of the partner ${instead(b.partnerLabel, a.partnerLabel)}`
    : instead(describeMix(b.mix), describeMix(a.mix));
  return { ...placeInStream(expected), row, key: a.key, stage: 'mix', detail };
}

function describeMix(mix: RowMix | undefined): string {
  if (mix === undefined) return 'not mixed';
  const { lambda, box } = mix;
  if (box === undefined) return `share ${lambda}`;
  return `share ${lambda} outside of ${box.width}x${box.height} at ${box.left},${box.top}`;
}

function compareRows(expected: StreamBatch, actual: StreamBatch): Difference | DifferentRow | undefined {
  const row = firstRow(expected, actual, (a, b) => a.digest === b.digest && labelsOf(a) === labelsOf(b));
  if (row === undefined) return compareSubstitutions(expected, actual);
  const [a, b] = [expected.rows[row] as StreamRow, actual.rows[row] as StreamRow];
  const [own, other] = [labelsOf(a), labelsOf(b)];
  if (own === other) return { expected, actual, row };
  return { ...placeInStream(expected), row, key: a.key, stage: 'label', detail: instead(other, own) };
}

const labelsOf = ({ label, labels }: StreamRow): number | string =>
  labels === undefined ? label : `[${labels.join(', ')}]`;

function compareSubstitutions(expected: StreamBatch, actual: StreamBatch): Difference | undefined {
  const list = ({ substitutions }: StreamBatch) =>
    substitutions.map(({ row, key, code }) => `row ${row}: ${key} ${code}`).join(', ') || 'none';
  if (list(expected) === list(actual)) return undefined;
  return { ...placeInStream(expected), stage: 'substitution', detail: instead(list(actual), list(expected)) };
}

/** The pipeline makes its digests where it makes the rows: what is delivered must still be that. */
function compareDelivery(batch: StreamBatch, whose: string): Difference | undefined {
  const row = batch.rows.findIndex(({ digest, claimedDigest }) => digest !== claimedDigest);
  if (row === -1) return undefined;
  const { key, digest, claimedDigest } = batch.rows[row] as StreamRow;
  const detail = `${whose}, what was delivered has the digest ${instead(digest, claimedDigest)}`;
  return { ...placeInStream(batch), row, key, stage: 'delivery', detail };
}

function compareDigest(expected: StreamBatch, actual: StreamBatch): Difference | undefined {
  if (expected.digest === actual.digest) return undefined;
  return { ...placeInStream(expected), stage: 'digest', detail: instead(actual.digest, expected.digest) };
}

function firstRow(
  expected: StreamBatch,
  actual: StreamBatch,
  isEqual: (a: StreamRow, b: StreamRow) => boolean,
): number | undefined {
  const row = expected.rows.findIndex((one, i) => !isEqual(one, actual.rows[i] as StreamRow));
  return row === -1 ? undefined : row;
}

export const placeInStream = ({ epoch, index }: Pick<StreamBatch, 'epoch' | 'index'>) => ({
  epoch,
  batch: index,
});

/** How every difference reads: what it is, then what the baseline has. */
export const instead = (actual: unknown, expected: unknown): string =>
  `${show(actual)} instead of ${show(expected)}`;

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const sampleOf = ({ id, key }: StreamRow): string => `sample ${id} (${key})`;

/** The first operator for which two rows have other drawn values. */
export function firstOtherDraw(expected: StreamRow, actual: StreamRow): number | undefined {
  const length = Math.max(expected.drawn.length, actual.drawn.length);
  const all = Array.from({ length }, (_, i) => i);
  // as the digest has them
  const text = (row: StreamRow, i: number) => JSON.stringify(row.drawn[i]);
  return all.find((i) => text(expected, i) !== text(actual, i));
}
