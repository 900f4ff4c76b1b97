/** A rank of `npm run bench:ranks-training`: trains what its argument says; the first one prints its figures, in JSON. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { train } from '../../src/index.ts';
import { openRanks } from '../../src/ranks/open-ranks.ts';
import type { Ranks } from '../../src/ranks/ranks.ts';
import { PARTS, type RanksFigures, type RanksWork, WARM_UP } from './work.ts';

const { threads, ...work } = JSON.parse(process.argv[2] as string) as RanksWork & { threads: number };
const ranks = await openRanks();
const workspace = await mkdtemp(join(tmpdir(), 'millrace-ranks-'));
try {
  const figures = await measure(ranks, workspace);
  if (ranks.rank === 0) console.log(JSON.stringify(figures));
} finally {
  await rm(workspace, { recursive: true, force: true });
}
await ranks.close();

async function measure(ranks: Ranks, workspace: string): Promise<RanksFigures> {
  const { data, variant, resolution, rows, steps } = work;
  const training = train({
    ...{ data, ranks, threads, workspace, parts: PARTS, maxSteps: WARM_UP + steps },
    ...{ model: { variant }, trainer: 'graph', device: 'cpu' },
    ...{ evaluation: false, checkpoints: false, report: false },
    stream: { batchSize: rows, workers: 1, seed: 7 },
    recipe: { imageSize: resolution },
    // more than are made
    schedule: { epochs: 1000, base: 0.01 },
  });
  let began = now();
  let ended = began;
  let loss = Number.NaN;
  await training.forEach((event) => {
    if (event.type !== 'step') return;
    ended = now();
    if (event.step === WARM_UP - 1) began = ended;
    ({ loss } = event);
  });
  const images = steps * PARTS * rows;
  // only the first rank hears of steps; each does the same work
  const processorMs = (ranks.size * (ended.processor - began.processor)) / images;
  return { imagesPerSecond: (1000 * images) / (ended.wall - began.wall), processorMs, loss };
}

/** In milliseconds, the processor's of all threads. */
function now() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), processor: (user + system) / 1000 };
}
