import { mebibytes } from '../src/core/mebibytes.ts';
import { summarize } from './measure.ts';

/** What a process holds at one moment of a long stream. Memory in bytes. */
export interface SoakSample {
  /** Images delivered until then. */
  readonly images: number;
  readonly resident: number;
  /** Without the pages of mapped files, which the system takes back as it likes. */
  readonly own: number;
  /** What the engine says that it holds. */
  readonly held: number;
  /** Open file descriptors; undefined where the system does not tell. */
  readonly descriptors: number | undefined;
  /** Handles and requests that keep the process alive. */
  readonly handles: number;
  /** Of the process, Node's own among them; undefined where the system does not tell. */
  readonly threads: number | undefined;
}

/** One quantity at the beginning and at the end of the stream: medians of the first and the last tenth. */
export interface Trend {
  readonly name: string;
  readonly unit: 'bytes' | 'count';
  readonly first: number;
  readonly last: number;
}

export interface Verdict {
  readonly trends: readonly Trend[];
  /** Why the soak failed; empty where it did not. */
  readonly failures: readonly string[];
}

/**
 * Compares the end of a stream with its beginning. Memory fails that grew by more than `marginBytes` between the first
 * and the last tenth, or anywhere after the first tenth beyond its highest value by more than the margin and what the
 * engine says that it holds more. Descriptors, handles and threads fail that became more.
 */
export function judge(samples: readonly SoakSample[], marginBytes: number): Verdict {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const trend = (name: string, unit: Trend['unit'], take: (sample: SoakSample) => number | undefined) =>
    trendOf(name, unit, samples.map(take), tenth);
  const memory = trend('own memory', 'bytes', ({ own }) => own);
  const counts = [
    ...trend('open descriptors', 'count', ({ descriptors }) => descriptors),
    ...trend('handles', 'count', ({ handles }) => handles),
    ...trend('threads', 'count', ({ threads }) => threads),
  ];
  const failures = [
    ...memory.filter(({ first, last }) => last - first > marginBytes).map(grown),
    ...counts.filter(({ first, last }) => last > first).map(grown),
    ...beyondBound(samples, tenth, marginBytes),
  ];
  const others = [
    ...trend('resident memory', 'bytes', ({ resident }) => resident),
    ...trend('held by the engine', 'bytes', ({ held }) => held),
  ];
  return { trends: [...memory, ...others, ...counts], failures };
}

/** None where the system does not tell. */
function trendOf(
  name: string,
  unit: Trend['unit'],
  values: readonly (number | undefined)[],
  tenth: number,
): Trend[] {
  const known = values.filter((value) => value !== undefined);
  if (known.length < values.length) return [];
  const first = summarize(known.slice(0, tenth)).median;
  const last = summarize(known.slice(-tenth)).median;
  return [{ name, unit, first, last }];
}

function beyondBound(samples: readonly SoakSample[], tenth: number, marginBytes: number): string[] {
  const growth = (take: (sample: SoakSample) => number) =>
    summarize(samples.map(take)).max - summarize(samples.slice(0, tenth).map(take)).max;
  const [grew, held] = [growth(({ own }) => own), growth(({ held }) => held)];
  if (grew <= held + marginBytes) return [];
  const above = `${mebibytes(grew)} above the first tenth's highest value`;
  return [`memory rose ${above}, what the engine holds only ${mebibytes(held)}`];
}

/** A trend's value for people. */
export const showValue = (unit: Trend['unit'], value: number): string =>
  unit === 'bytes' ? mebibytes(value) : String(value);

const grown = ({ name, first, last, unit }: Trend): string =>
  `${name} grew from ${showValue(unit, first)} to ${showValue(unit, last)}`;
