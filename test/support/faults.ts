import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { RawImage } from '../../src/core/image.ts';
import type { Dataset, Reader, Source } from '../../src/datasets/dataset.ts';
import { type ImageItem, images } from '../../src/index.ts';

/** What reading a sample does to its thread. */
const effects = {
  exits: () => process.exit(3),
  throws: () => {
    queueMicrotask(() => {
      throw new Error('a stray error');
    });
    return new Promise<never>(() => {});
  },
  loops: () => {
    for (;;);
  },
  waits: () => new Promise<never>(() => {}),
  'runs out of memory': () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(100_000).fill(0.5));
  },
  /** Works for so long: time in which the process was suspended is not among it. */
  'is slow': ({ milliseconds = 0 }) => {
    for (let done = 0; done < milliseconds; done++) {
      const end = performance.now() + 1;
      while (performance.now() < end);
    }
  },
  /** Of a pipe that nobody writes to: a system call that does not return. */
  'reads a pipe': ({ path }: Fault) => readFileSync(path as string),
} as const satisfies Record<string, (fault: Fault) => unknown>;

export type Effect = keyof typeof effects;

/** Of a sample that does harm to its thread the first `times` times it is read. */
export interface Fault {
  readonly effect: Effect;
  readonly times?: number;
  readonly path?: string;
  readonly milliseconds?: number;
}

interface FaultyLocator {
  readonly image: Uint8Array | RawImage;
  readonly fault: Fault | undefined;
  /** How often the sample was read, by all threads. */
  readonly reads: Int32Array;
}

/** Images in memory, some of which do harm to the thread that reads them. */
export function faulty(
  items: readonly ImageItem[],
  faults: Readonly<Record<number, Fault>>,
): Dataset & { reads(index: number): number } {
  const sound = images(items);
  const reads = items.map(() => new Int32Array(new SharedArrayBuffer(4)));
  return {
    ...sound,
    locator: (index) => ({ image: sound.locator(index), fault: faults[index], reads: reads[index] }),
    reader: { module: import.meta.url },
    reads: (index) => Atomics.load(reads[index] as Int32Array, 0),
  };
}

export function openReader(): Reader {
  return {
    async read(locator) {
      const { image, fault, reads } = locator as FaultyLocator;
      const earlier = Atomics.add(reads, 0, 1);
      if (fault !== undefined && !isMainThread && earlier < (fault.times ?? Number.POSITIVE_INFINITY))
        await effects[fault.effect](fault);
      return image instanceof Uint8Array ? Buffer.from(image) : (image as Source);
    },
    close() {},
  };
}
