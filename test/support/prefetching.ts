import type { Dataset, Reader } from '../../src/datasets/dataset.ts';
import { defineDataset } from '../../src/datasets/dataset.ts';
import { patternImage } from './raw-images.ts';

const SIDE = 8;

/** Counters in shared memory: samples that were announced, those read, those read unannounced, most ahead at a time. */
const [ANNOUNCED, READ, UNANNOUNCED, MOST_AHEAD] = [0, 1, 2, 3];

/** How the reader's `prefetch` behaves; `none`: it has none. */
export type PrefetchKind = 'keeps' | 'none' | 'throws' | 'rejects';

interface ReaderOptions {
  readonly counters: SharedArrayBuffer;
  readonly kind: PrefetchKind;
}

/** A dataset whose one reader counts what it is told of in advance. */
export function prefetching(length: number, kind: PrefetchKind) {
  const counters = new SharedArrayBuffer(4 * 4);
  const counts = new Int32Array(counters);
  const dataset: Dataset = defineDataset({
    name: 'prefetching',
    length,
    classes: ['one'],
    key: (index) => `sample-${index}`,
    label: () => 0,
    locator: (index) => index,
    byteLength: async () => 3 * SIDE * SIDE,
    reader: { module: import.meta.url, options: { counters, kind } satisfies ReaderOptions },
  });
  const seen = () => ({
    announced: counts[ANNOUNCED] as number,
    read: counts[READ] as number,
    unannounced: counts[UNANNOUNCED] as number,
    mostAhead: counts[MOST_AHEAD] as number,
  });
  return { dataset, seen };
}

export function openReader({ counters, kind }: ReaderOptions): Reader {
  const counts = new Int32Array(counters);
  const ahead = new Set<unknown>();
  const add = (field: number) => Atomics.add(counts, field, 1);
  const prefetch = (locators: readonly unknown[]): void => {
    for (const locator of locators) ahead.add(locator);
    for (const _ of locators) add(ANNOUNCED);
    counts[MOST_AHEAD] = Math.max(counts[MOST_AHEAD] as number, ahead.size);
    if (kind === 'throws') throw new TypeError('prefetch has a fault');
  };
  const rejects = async (locators: readonly unknown[]): Promise<void> => {
    prefetch(locators);
    throw new TypeError('prefetch has a fault');
  };
  return {
    async read(locator) {
      // so that the prefetch of the next task comes in the middle of this one
      await new Promise(setImmediate);
      add(READ);
      if (!ahead.delete(locator)) add(UNANNOUNCED);
      return patternImage(locator as number, SIDE, SIDE);
    },
    ...(kind !== 'none' && { prefetch: kind === 'rejects' ? rejects : prefetch }),
    close() {},
  };
}
