import { bytesMoved } from '../../backends/tensor-kernels/bytes-moved.ts';
import { floorMs } from '../gpu/traffic.ts';
import { markdownTable } from '../measure.ts';
import type { TimedCall } from './own-steps.ts';

/** What a device does at best, and how numbers are kept. */
export interface TableOptions {
  readonly isMixed: boolean;
  readonly bytesPerSecond: number;
}

interface Line {
  readonly name: string;
  readonly dispatches: number;
  readonly milliseconds: number;
  readonly bytes: number;
}

/** Time by kind of work, beside what moving its bytes takes at the bandwidth at which the device copies. */
export function workTable(calls: readonly TimedCall[], options: TableOptions): string {
  const lines = new Map<string, Line>();
  for (const timed of calls) {
    const { work } = timed.call;
    const known = lines.get(work) ?? { name: work, dispatches: 0, milliseconds: 0, bytes: 0 };
    lines.set(work, added(known, lineOf(work, timed, options)));
  }
  const sorted = [...lines.values()].sort((a, b) => b.milliseconds - a.milliseconds);
  const nothing = { name: 'all', dispatches: 0, milliseconds: 0, bytes: 0 };
  return table('work', [...sorted, sorted.reduce(added, nothing)], options);
}

/** The dispatches that take longest. */
export function slowestTable(calls: readonly TimedCall[], count: number, options: TableOptions): string {
  const all = calls.map((timed) => lineOf(`${timed.call.kernel.name}: ${timed.call.label}`, timed, options));
  const slowest = all.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, count);
  return table('dispatch', slowest, options);
}

const lineOf = (name: string, { call, milliseconds }: TimedCall, { isMixed }: TableOptions): Line => ({
  ...{ name, dispatches: 1, milliseconds: milliseconds.median, bytes: bytesMoved(call, isMixed) },
});

const added = (a: Line, b: Line): Line => ({
  name: a.name,
  dispatches: a.dispatches + b.dispatches,
  milliseconds: a.milliseconds + b.milliseconds,
  bytes: a.bytes + b.bytes,
});

function table(heading: string, lines: readonly Line[], { bytesPerSecond }: TableOptions): string {
  const rows = lines.map(({ name, dispatches, milliseconds, bytes }) => {
    const floor = floorMs(bytes, bytesPerSecond);
    return [
      ...[name, String(dispatches), milliseconds.toFixed(3), (bytes / 1e6).toFixed(1), floor.toFixed(3)],
      `${((100 * floor) / milliseconds).toFixed(0)} %`,
    ];
  });
  return markdownTable([heading, 'dispatches', 'ms', 'MB moved', 'floor ms', 'floor / ms'], rows);
}
