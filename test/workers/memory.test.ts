import { expect, it } from 'vitest';
import { photoFolder } from '../support/photos.ts';
import { script } from '../support/processes.ts';

const MEBIBYTE = 2 ** 20;
/**
 * What may come beside the engine's own figure after the warm-up: pages that V8 and malloc keep for the next allocation.
 * A leak of one batch in eight (144 KiB each) goes beyond it within the 400 batches.
 */
const TOLERANCE = 6 * MEBIBYTE;

interface Growth {
  readonly resident: number;
  readonly held: number;
}

/** Growth of resident memory over 400 batches after 100 of warm-up, and of what the engine says it holds. */
async function growth(onBatch: string, before = ''): Promise<Growth> {
  const folder = await photoFolder(32);
  const { code, stdout, stderr } = await script(`
    ${before}
    const stream = millrace
      .pipeline(millrace.imageFolder(${JSON.stringify(folder)}), { batchSize: 24, workers: 2, epochs: Infinity })
      .pipe(millrace.randomResizedCrop(32), millrace.autoAugment(), millrace.mixup(0.2));
    const kept = [];
    let batches = 0;
    let [residentBefore, heldBefore, resident, held] = [0, 0, 0, 0];
    for await (const batch of stream) {
      ${onBatch}
      resident = Math.max(resident, process.memoryUsage.rss());
      held = Math.max(held, stream.statistics.memoryBound.total);
      if (++batches === 100) [residentBefore, heldBefore] = [resident, held];
      if (batches === 500) break;
    }
    console.log(JSON.stringify({ resident: resident - residentBefore, held: held - heldBefore, kept: kept.length }));`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

function expectWithinBound({ resident, held }: Growth): void {
  process.stderr.write(
    `resident memory grew by ${(resident / MEBIBYTE).toFixed(1)} MiB, held by ${(held / MEBIBYTE).toFixed(1)} MiB\n`,
  );
  expect(resident).toBeLessThan(held + TOLERANCE);
}

it('resident memory grows after the warm-up by no more than the engine says', async () => {
  expectWithinBound(await growth(''));
});

it('memory counts when it is used: V8 may set all of its heap apart during the warm-up', async () => {
  expectWithinBound(
    await growth('', "(await import('node:v8')).setFlagsFromString('--semi-space-growth-factor=16');"),
  );
});

it('a loop that keeps its batches grows by more: the measurement would see a leak', async () => {
  const { resident, held } = await growth('kept.push(batch.copy());');
  expect(resident).toBeGreaterThan(held + TOLERANCE);
});

/** Memory of a process that runs whole streams one after the other, after each of them. */
async function streamsInARow(count: number, size: number): Promise<{ shared: number[]; beside: number[] }> {
  const folder = await photoFolder(8);
  const { code, stdout, stderr } = await script(`
    const { getHeapStatistics } = await import('node:v8');
    const [shared, beside] = [[], []];
    for (let i = 0; i < ${count}; i++) {
      const stream = millrace
        .pipeline(millrace.imageFolder(${JSON.stringify(folder)}), { batchSize: 8, workers: 1 })
        .pipe(millrace.randomResizedCrop(${size}));
      for await (const batch of stream) batch.images;
      shared.push(process.memoryUsage().arrayBuffers);
      beside.push(process.memoryUsage.rss() - getHeapStatistics().total_physical_size);
    }
    console.log(JSON.stringify({ shared, beside }));`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

it('streams in a row use the same slots: shared memory waits for no garbage collection', async () => {
  const { shared } = await streamsInARow(20, 224);
  // a stream has 7 MiB of slots
  expect(Math.max(...shared)).toBeLessThan((shared[0] as number) + 7 * MEBIBYTE);
});

it('streams in a row leave nothing behind beside the JavaScript heap', async () => {
  const { beside } = await streamsInARow(60, 32);
  const grown = Math.max(...beside) - (beside[9] as number);
  process.stderr.write(`memory beside the heap grew by ${(grown / MEBIBYTE).toFixed(1)} MiB\n`);
  // histograms of each pool would be 13
  expect(grown).toBeLessThan(8 * MEBIBYTE);
});
