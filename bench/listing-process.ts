/** Lists a source, `node --expose-gc listing-process.js <path>`, and prints what that took and holds, in JSON. */
import { setTimeout } from 'node:timers/promises';
import { openDataset } from '../src/datasets/opening/open-dataset.ts';

export interface ListingFigures {
  readonly samples: number;
  readonly seconds: number;
  /** Bytes of heap and external memory over those before, without garbage. */
  readonly held: number;
  /** Bytes of the process then, and at most until then. */
  readonly resident: number;
  readonly peak: number;
  /** Microseconds for the key of a sample at random, and of one after the other. */
  readonly randomKey: number;
  readonly nextKey: number;
}

const KEYS = 200_000;

await main(process.argv[2] as string);

async function main(path: string): Promise<void> {
  const before = await heldBytes();
  const start = performance.now();
  const dataset = await openDataset(path);
  const seconds = (performance.now() - start) / 1000;
  const held = (await heldBytes()) - before;
  const { rss: resident } = process.memoryUsage();
  const peak = process.resourceUsage().maxRSS * 1024;
  const count = Math.min(KEYS, dataset.length);
  const timed = (indexAt: (i: number) => number): number => {
    const begin = performance.now();
    let characters = 0;
    for (let i = 0; i < count; i++) characters += dataset.key(indexAt(i)).length;
    if (characters === 0) throw new Error('keys are empty');
    return ((performance.now() - begin) * 1000) / count;
  };
  // compiled before they are timed
  timed((i) => i);
  const randomKey = timed((i) => (i * 7_368_787) % dataset.length);
  const nextKey = timed((i) => i);
  const figures: ListingFigures = {
    ...{ samples: dataset.length, seconds, held, resident, peak, randomKey, nextKey },
  };
  console.log(JSON.stringify(figures));
}

async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    // arrays are freed beside the thread
    await setTimeout(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
