import { lut } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../../operators/operator.ts';
import { DataError } from '../../src/core/errors.ts';
import type { Dataset, Reader, Source } from '../../src/datasets/dataset.ts';
import { type ImageItem, images } from '../../src/index.ts';

/** Operators and readers with a fault in their code, and some that refuse a sample as they may. */

const missing = undefined as unknown as { readonly x: number };
const same = [lut({ tables: Uint8Array.from({ length: 768 }, (_, i) => i & 255) })];

/** Fails for one sample in eight. */
export const tripsInDraw = defineOperator({
  name: 'tripsInDraw',
  module: import.meta.url,
  parameters: {},
  draw: (_, rng) => ({ x: rng.chance(0.125) ? missing.x : 0 }),
  lower: () => same,
});

export const tripsInLower = defineOperator({
  name: 'tripsInLower',
  module: import.meta.url,
  parameters: {},
  draw: (_, rng) => ({ trips: rng.chance(0.125) }),
  lower: ({ trips }) => (trips && missing.x > 0 ? [] : same),
});

export const throwsText = defineOperator({
  name: 'throwsText',
  module: import.meta.url,
  parameters: {},
  draw: (_, rng) => {
    if (rng.chance(0.125)) throw 'no such table';
    return {};
  },
  lower: () => same,
});

/** What an operator does with an image that is no good to it. */
export const refuses = defineOperator({
  name: 'refuses',
  module: import.meta.url,
  parameters: {},
  draw: (_, rng) => {
    if (rng.chance(0.125)) throw new DataError('TOO_BLURRED', 'the image is too blurred');
    return {};
  },
  lower: () => same,
});

const systemError = () =>
  Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5, syscall: 'read' });

/** What a reader does instead of giving the image. */
const faults = {
  throws: () => missing.x,
  rejects: async () => missing.x,
  'throws text': () => {
    throw 'no such table';
  },
  'gives nothing': () => undefined,
  'gives nothing later': async () => undefined,
  'gives a list': () => [1, 2, 3],
  'refuses the sample': () => {
    throw new DataError('TOO_BLURRED', 'the image is too blurred');
  },
  'cannot read the file': () => {
    throw systemError();
  },
  'cannot read the file later': async () => {
    throw systemError();
  },
} as const satisfies Record<string, () => unknown>;

export type ReaderFault = keyof typeof faults;

/** Images in memory, one of which is read with a fault. */
export function withReaderFault(items: readonly ImageItem[], index: number, fault: ReaderFault): Dataset {
  const sound = images(items);
  return {
    ...sound,
    locator: (i) => ({ image: sound.locator(i), fault: i === index ? fault : undefined }),
    reader: { module: import.meta.url },
  };
}

export function openReader(): Reader {
  return {
    read(locator) {
      const { image, fault } = locator as { readonly image: Source; readonly fault: ReaderFault | undefined };
      return fault === undefined ? image : (faults[fault]() as unknown as Source);
    },
    close() {},
  };
}
