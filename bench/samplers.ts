/** `npm run bench:samplers`: what samplers and wrappers hold of ten million samples, and how soon any place is known. */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { mebibytes } from '../src/core/mebibytes.ts';
import { type Dataset, defineDataset } from '../src/datasets/dataset.ts';
import { classes } from '../src/datasets/wrappers/classes.ts';
import { kFold } from '../src/datasets/wrappers/k-fold.ts';
import { subset } from '../src/datasets/wrappers/subset.ts';
import { blockShuffle } from '../src/engine/order/samplers/block-shuffle.ts';
import { classBalanced } from '../src/engine/order/samplers/class-balanced.ts';
import { classesByRows } from '../src/engine/order/samplers/classes-by-rows.ts';
import type { Sampler } from '../src/engine/order/samplers/sampler.ts';
import { weighted } from '../src/engine/order/samplers/weighted.ts';
import { rowsOfBatch, samplingOf } from '../src/engine/order/sampling.ts';
import { describeMachine, markdownTable } from './measure.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:samplers -- [options]

  --count <n>  samples of the dataset, whose keys are arithmetic (default 10000000)
  --help
`;

const { values: options } = parseArgs({
  options: { count: text('10000000'), help: { type: 'boolean', default: false } },
});

const CLASSES = 1000;
const BATCH = 256;
/** Where a stream begins. */
const PLACE = 1_000_000_000;

if (options.help) process.stdout.write(usage);
else await main(Number(options.count));

async function main(count: number): Promise<void> {
  const dataset = listOf(count);
  const samplesPerEpoch = 2 * PLACE;
  const samplers: readonly (readonly [string, Sampler | undefined])[] = [
    ['shuffled', undefined],
    ['classBalanced', classBalanced({ samplesPerEpoch })],
    [
      'weighted',
      weighted(
        { classes: Object.fromEntries(dataset.classes.map((name, i) => [name, i + 1])) },
        { samplesPerEpoch },
      ),
    ],
    ['classesByRows', classesByRows(64, 4, { samplesPerEpoch })],
    ['blockShuffle', blockShuffle(256)],
  ];
  const wrappers: readonly (readonly [string, () => Dataset])[] = [
    ['subset of every second index', () => subset(dataset, everySecond(count))],
    ['classes, half of them', () => classes(dataset, dataset.classes.slice(0, CLASSES / 2))],
    ['kFold, one of five', () => kFold(dataset, 5, 2).train],
  ];
  console.log(`${describeMachine()}\n`);
  const [ofSamplers, ofWrappers]: [string[][], string[][]] = [[], []];
  for (const [name, sampler] of samplers) ofSamplers.push(await samplerRow(dataset, name, sampler));
  console.log(markdownTable(['sampler', 'opening', 'holds', 'batch at the place', 'a pick'], ofSamplers));
  for (const [name, open] of wrappers) ofWrappers.push(await wrapperRow(name, open));
  console.log(`\n${markdownTable(['wrapper', 'opening', 'holds', 'samples'], ofWrappers)}`);
}

/** Labels go round; a class has as many samples as the next. */
function listOf(length: number): Dataset {
  return defineDataset({
    name: 'listOf',
    length,
    classes: Array.from({ length: CLASSES }, (_, i) => `class ${i}`),
    key: (index) => `${index % CLASSES}/${index}`,
    label: (index) => index % CLASSES,
    locator: (index) => index,
    byteLength: async () => 1,
    reader: { module: 'none' },
  });
}

function* everySecond(count: number): Generator<number> {
  for (let index = 0; index < count; index += 2) yield index;
}

async function samplerRow(dataset: Dataset, name: string, sampler: Sampler | undefined): Promise<string[]> {
  const order = { seed: 1, batchSize: BATCH, shuffle: true, dropLast: true, rank: 0, worldSize: 1 };
  const { value: sampling, ms, held } = await measured(() => samplingOf(dataset, { ...order, sampler }));
  const batchAt = Math.floor(Math.min(PLACE, sampling.length - BATCH) / BATCH);
  // compiled once, as in any stream
  for (let index = 0; index < 20; index++) rowsOfBatch(sampling, 0, index);
  const times = Array.from({ length: 21 }, (_, epoch) => {
    const start = performance.now();
    rowsOfBatch(sampling, 1 + epoch, batchAt);
    return performance.now() - start;
  });
  const batchMs = times.sort((a, b) => a - b)[10] as number;
  const again = performance.now();
  for (let index = 0; index < 200; index++) rowsOfBatch(sampling, 2, batchAt - index);
  const pick = ((performance.now() - again) * 1000) / (200 * BATCH);
  return [name, `${ms.toFixed(0)} ms`, held, `${batchMs.toFixed(2)} ms`, `${pick.toFixed(1)} µs`];
}

async function wrapperRow(name: string, open: () => Dataset): Promise<string[]> {
  const { value, ms, held } = await measured(open);
  return [name, `${ms.toFixed(0)} ms`, held, String(value.length)];
}

async function measured<T>(open: () => T): Promise<{ value: T; ms: number; held: string }> {
  const before = await memory();
  const start = performance.now();
  const value = open();
  const ms = performance.now() - start;
  return { value, ms, held: mebibytes(Math.max(0, (await memory()) - before)) };
}

/** What is held, without garbage. */
async function memory(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    // arrays are freed beside the thread
    await setTimeout(50);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
