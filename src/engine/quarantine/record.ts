import { DataError } from '../../core/errors.ts';

/** A sample that could not be used: a line of a quarantine file, as JSON. */
export interface QuarantineRecord {
  /** The sample's name in its dataset: with `split`, what says which sample it is. */
  readonly key: string;
  /** Which part of the data the dataset is, where that is known. */
  readonly split?: string;
  /** Name of the dataset, as `explain()` prints it. */
  readonly dataset: string;
  /** Index in the dataset as it was in that run, from 0 on. */
  readonly id: number;
  /** File that holds the sample, as it can be found from any folder; left out where it is in none. */
  readonly path?: string;
  /** The sample's first byte in a file that holds several (.tar, IDX). */
  readonly offset?: number;
  /** The sample's number in a store. */
  readonly record?: number;
  /** Operator that refused it; left out where reading or decoding failed. */
  readonly operator?: string;
  /** Stable name of the cause. */
  readonly code: string;
  readonly message: string;
  /** The first bytes as they were read, up to 16, in hexadecimal; null where nothing was, or pixels came. */
  readonly firstBytes: string | null;
  /** Where it was to stand when it was first met. */
  readonly epoch: number;
  readonly batch: number;
  readonly row: number;
  /** When that was: ISO 8601, UTC. */
  readonly time: string;
}

/** Every field, and the types it may have. */
export const recordFields: Readonly<Record<keyof QuarantineRecord, readonly string[]>> = {
  key: ['string'],
  split: ['string', 'undefined'],
  dataset: ['string'],
  id: ['number'],
  path: ['string', 'undefined'],
  offset: ['number', 'undefined'],
  record: ['number', 'undefined'],
  operator: ['string', 'undefined'],
  code: ['string'],
  message: ['string'],
  firstBytes: ['string', 'null'],
  epoch: ['number'],
  batch: ['number'],
  row: ['number'],
  time: ['string'],
};

/** The record that a line holds. Throws a DataError that begins with `place` where it holds none. */
export function parseRecord(line: string, place: string): QuarantineRecord {
  const value = parseObject(line);
  if (value === undefined) throw noRecord(place, 'got a line that is not a JSON object');
  for (const [name, expected] of Object.entries(recordFields)) {
    const type = value[name] === null ? 'null' : typeof value[name];
    if (!expected.includes(type)) throw noRecord(place, `'${name}' must be a ${expected[0]}, got ${type}`);
  }
  return value as unknown as QuarantineRecord;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const noRecord = (place: string, reason: string): DataError =>
  new DataError('NOT_QUARANTINE', `${place}: expected a quarantine record (docs/bad-data.md): ${reason}`);

/** What says which sample a record is of, as one string: its key, and its split. */
export const sampleOf = ({ key, split }: Pick<QuarantineRecord, 'key' | 'split'>): string =>
  JSON.stringify([split ?? null, key]);
