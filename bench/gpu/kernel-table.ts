import type { Gpu } from '../../backends/gpu/device/device.ts';
import type { TimedWork } from '../../backends/gpu/dispatch-timer.ts';
import { markdownTable, type Summary } from '../measure.ts';
import { kernelBatches } from './kernel-batches.ts';
import { type TimedRuns, timeBatch } from './timed-batch.ts';
import { floorMs, shareOfFloor, type Traffic, trafficOf } from './traffic.ts';

/** Milliseconds of each kernel's dispatches on batches of these sizes, beside what memory alone would take. */
export async function kernelTable(
  gpu: Gpu,
  batchSizes: readonly number[],
  bytesPerSecond: number,
  runs: TimedRuns,
): Promise<string> {
  const rows: string[][] = [];
  for (const count of batchSizes) {
    for (const batch of await kernelBatches(count)) {
      const times = await timeBatch(gpu, batch, runs);
      const traffic = trafficOf(batch.images, batch.format);
      for (const works of partsAndWhole(batch.works))
        rows.push([
          batch.name,
          String(count),
          works.join(' + '),
          ...cells(works, times, traffic, bytesPerSecond),
        ]);
    }
  }
  return markdownTable(['224x224', 'batch', 'dispatch', ...cellHeadings], rows);
}

/** Milliseconds by dispatch of one batch, added up over its slots. */
export function workTable(
  times: ReadonlyMap<TimedWork, Summary>,
  traffic: Traffic,
  bytesPerSecond: number,
): string {
  const works = [...times.keys()].map((work) => [work]);
  const rows = works.map((work) => [work.join(), ...cells(work, times, traffic, bytesPerSecond)]);
  return markdownTable(['dispatch', ...cellHeadings], rows);
}

const partsAndWhole = (works: readonly TimedWork[]): (readonly TimedWork[])[] =>
  works.length === 1 ? [works] : [...works.map((work) => [work]), works];

const cellHeadings = ['median ms', 'min', 'max', 'MB moved', 'floor ms', 'share'];

function cells(
  works: readonly TimedWork[],
  times: ReadonlyMap<TimedWork, Summary>,
  traffic: Traffic,
  bytesPerSecond: number,
): string[] {
  const sum = (key: keyof Summary) =>
    works.reduce((total, work) => total + (times.get(work) as Summary)[key], 0);
  const bytes = works.reduce((total, work) => total + (traffic.get(work) ?? 0), 0);
  const share = shareOfFloor(bytes, sum('median'), bytesPerSecond);
  return [
    ...[sum('median'), sum('min'), sum('max')].map((ms) => ms.toFixed(3)),
    (bytes / 1e6).toFixed(1),
    floorMs(bytes, bytesPerSecond).toFixed(3),
    `${(100 * share).toFixed(0)} %`,
  ];
}
