import { expect, it } from 'vitest';
import { autoAugment, imageFolder, mixup, pipeline, randomResizedCrop } from '../../src/index.ts';
import { photoFolder } from '../support/photos.ts';
import { killGroup, script } from '../support/processes.ts';

const BATCH_SIZE = 8;
const BATCHES = 5;
const EPOCHS = 2;
const SEED = 21;

/** A global batch: its place in the stream, and a digest a row. */
interface RowsOfBatch {
  readonly place: number;
  readonly rows: readonly string[];
}

/** One rank's process: a line a batch, and some time for each, as a trainer takes it. Stands still after `most` batches. */
const rankProcess = (ranks: number, rank: number, { data, workers, from }: Phase, most: number) => `
  const { autoAugment, imageFolder, mixup, pipeline, randomResizedCrop } = millrace;
  const stream = pipeline(imageFolder(${JSON.stringify(data)}), {
    batchSize: ${BATCH_SIZE / ranks}, worldSize: ${ranks}, rank: ${rank}, workers: ${workers}, seed: ${SEED},
    epochs: ${EPOCHS}, digest: true, start: { epoch: ${Math.floor(from / BATCHES)}, batch: ${from % BATCHES} },
  }).pipe(randomResizedCrop(16), autoAugment(), mixup(0.2));
  let made = 0;
  for await (const { epoch, index, rowDigests } of stream) {
    const rows = rowDigests.map((digest) => Buffer.from(digest).toString('hex'));
    console.log(JSON.stringify({ place: epoch * ${BATCHES} + index, rows }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (++made === ${most}) await new Promise(() => setInterval(() => {}, 1000));
  }`;

/**
 * Streams by so many processes, each a rank, from a batch on. All are killed when the slowest of them has made
 * `killAfter` batches; none can be further ahead than to end before. Gives those that all had made by then.
 */
async function streamBy(ranks: number, phase: Phase): Promise<RowsOfBatch[]> {
  const { killAfter = Number.POSITIVE_INFINITY } = phase;
  const pids: number[] = [];
  const made = new Array<number>(ranks).fill(0);
  const count = (rank: number) => {
    made[rank] = (made[rank] as number) + 1;
    if (Math.min(...made) >= killAfter) pids.forEach(killGroup);
  };
  const run = async (rank: number) => {
    const { code, stdout } = await script(rankProcess(ranks, rank, phase, killAfter + 1 + rank), {
      onStart: (pid) => pids.push(pid),
      onLine: () => count(rank),
    });
    const lines = stdout.split('\n').slice(0, -1);
    return { code, batches: lines.map((line) => JSON.parse(line) as RowsOfBatch) };
  };
  const parts = await Promise.all(made.map((_, rank) => run(rank)));
  const isKilled = parts.some(({ code }) => code === null);
  expect(isKilled).toBe(killAfter !== Number.POSITIVE_INFINITY);
  const common = Math.min(...parts.map(({ batches }) => batches.length));
  return Array.from({ length: common }, (_, i) => ({
    place: parts[0]?.batches[i]?.place as number,
    rows: parts.flatMap(({ batches }) => batches[i]?.rows ?? []),
  }));
}

interface Phase {
  readonly data: string;
  readonly workers: number;
  readonly from: number;
  readonly killAfter?: number;
}

it('is one global stream when ranks are killed in mid-epoch and others, of another number, go on', async () => {
  const data = await photoFolder((BATCH_SIZE * BATCHES) / 2);
  const whole = pipeline(imageFolder(data), {
    ...{ batchSize: BATCH_SIZE, seed: SEED, epochs: EPOCHS, workers: 0, digest: true },
  }).pipe(randomResizedCrop(16), autoAugment(), mixup(0.2));
  const expected: string[][] = [];
  for await (const { rowDigests = [] } of whole)
    expected.push(rowDigests.map((digest) => Buffer.from(digest).toString('hex')));

  const made: RowsOfBatch[] = [];
  const goOn = async (ranks: number, workers: number, killAfter?: number) => {
    const from = made.length;
    const phase = { data, workers, from, ...(killAfter !== undefined && { killAfter }) };
    const batches = await streamBy(ranks, phase);
    made.push(...batches);
    return batches.length;
  };
  const counts = [await goOn(2, 1, 2), await goOn(4, 0, 1), await goOn(1, 2)];
  // a rank that is ahead of others makes some batches that are made again
  for (const count of counts) expect(count).toBeGreaterThan(0);
  expect(made.map(({ place }) => place)).toEqual(expected.map((_, place) => place));
  expect(made.map(({ rows }) => rows)).toEqual(expected);
});
