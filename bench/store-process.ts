/** Opens a store, `node store-process.js <store> <reads> <threads>`, reads it at random and prints what it took, in JSON. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { randomFor } from '../src/core/random.ts';
import { type Dataset, openReader, type Reader } from '../src/datasets/dataset.ts';
import { store } from '../src/datasets/store/store.ts';
import { ownMemory } from '../src/training/memory-watch.ts';

export interface StoreFigures {
  /** From the call of `store` to its first image. */
  readonly openMs: number;
  readonly afterOpening: Memory;
  readonly afterReading: Memory;
  readonly readsPerSecond: number;
  /** Of all threads together. */
  readonly readsPerSecondOnThreads: number;
}

/** In bytes; anonymous: not the pages of files that are mapped. */
interface Memory {
  readonly resident: number;
  readonly anonymous: number;
}

interface Share {
  readonly path: string;
  readonly reads: number;
  readonly seed: number;
}

if (isMainThread) await main(process.argv[2] as string, Number(process.argv[3]), Number(process.argv[4]));
else await readOnThread(workerData as Share);

async function main(path: string, reads: number, threads: number): Promise<void> {
  const start = performance.now();
  const dataset = store(path);
  const reader = await openReader(dataset.reader);
  await reader.read(dataset.locator(dataset.length >> 1));
  const openMs = performance.now() - start;
  const afterOpening = memory();
  const readsPerSecond = await readAtRandom(dataset, reader, reads, 0);
  const figures: StoreFigures = {
    openMs,
    afterOpening,
    afterReading: memory(),
    readsPerSecond,
    readsPerSecondOnThreads: await readOnThreads(path, reads, threads),
  };
  console.log(JSON.stringify(figures));
}

/** Images and keys a second. */
async function readAtRandom(dataset: Dataset, reader: Reader, reads: number, seed: number): Promise<number> {
  const rng = randomFor(seed, 0, 0, 0);
  const start = performance.now();
  for (let i = 0; i < reads; i++) {
    const index = rng.uint32() % dataset.length;
    if (dataset.key(index) !== String(index)) throw new Error(`sample ${index} is ${dataset.key(index)}`);
    await reader.read(dataset.locator(index));
  }
  return (reads / (performance.now() - start)) * 1000;
}

async function readOnThreads(path: string, reads: number, threads: number): Promise<number> {
  const workers = Array.from({ length: threads }, (_, i) => {
    const share: Share = { path, reads, seed: i + 1 };
    return new Worker(fileURLToPath(import.meta.url), { workerData: share });
  });
  // they wait for one another, so that all read at the same time
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const done = workers.map((worker) => once(worker, 'message') as Promise<[number]>);
  for (const worker of workers) worker.postMessage('begin');
  const rates = await Promise.all(done);
  return rates.reduce((sum, [rate]) => sum + rate, 0);
}

async function readOnThread({ path, reads, seed }: Share): Promise<void> {
  const dataset = store(path);
  const reader = await openReader(dataset.reader);
  parentPort?.once('message', async () =>
    parentPort?.postMessage(await readAtRandom(dataset, reader, reads, seed)),
  );
  parentPort?.postMessage('ready');
}

function memory(): Memory {
  globalThis.gc?.();
  return { resident: process.memoryUsage.rss(), anonymous: ownMemory() };
}
