import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoContrast } from '../../../operators/image/auto-contrast.ts';
import { brightness } from '../../../operators/image/brightness.ts';
import { centerCrop } from '../../../operators/image/center-crop.ts';
import { color } from '../../../operators/image/color.ts';
import { contrast } from '../../../operators/image/contrast.ts';
import { crop } from '../../../operators/image/crop.ts';
import { horizontalFlip } from '../../../operators/image/horizontal-flip.ts';
import { invert } from '../../../operators/image/invert.ts';
import { pad } from '../../../operators/image/pad.ts';
import { posterize } from '../../../operators/image/posterize.ts';
import { randomCrop } from '../../../operators/image/random-crop.ts';
import { randomHorizontalFlip } from '../../../operators/image/random-horizontal-flip.ts';
import { randomVerticalFlip } from '../../../operators/image/random-vertical-flip.ts';
import { resize } from '../../../operators/image/resize.ts';
import { rotate } from '../../../operators/image/rotate.ts';
import { solarize } from '../../../operators/image/solarize.ts';
import { translateX } from '../../../operators/image/translate-x.ts';
import { translateY } from '../../../operators/image/translate-y.ts';
import { verticalFlip } from '../../../operators/image/vertical-flip.ts';
import { applyOperators } from '../../../src/apply.ts';
import { DataError } from '../../../src/core/errors.ts';
import type { RawImage } from '../../../src/core/image.ts';
import type { Step } from '../../../src/core/step.ts';
import { anyImage } from '../../support/arbitrary.ts';

const run = (image: RawImage, ...steps: Step[]) => applyOperators(image, steps);

async function expectSame(
  first: readonly Step[],
  second: readonly Step[],
  images = anyImage(),
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(images, async (image) => {
      expect(await run(image, ...first)).toEqual(await run(image, ...second));
    }),
    { numRuns: 40 },
  );
}

describe('operators that undo each other', () => {
  it.each([
    ['invert twice', [invert(), invert()]],
    ['horizontalFlip twice', [horizontalFlip(), horizontalFlip()]],
    ['verticalFlip twice', [verticalFlip(), verticalFlip()]],
    ['both flips and half a turn', [horizontalFlip(), verticalFlip(), rotate({ degrees: 180 })]],
    ['rotate by 180 degrees twice', [rotate({ degrees: 180 }), rotate({ degrees: -180 })]],
    ['rotate by 360 degrees', [rotate({ degrees: 360 })]],
    ['rotate by -360 degrees', [rotate({ degrees: -360, interpolation: 'bicubic' })]],
    ['solarize at 0 and invert', [solarize({ threshold: 0 }), invert()]],
  ])('%s leaves the image unchanged', (_, steps) => expectSame(steps, []));

  it('rotate by 90 degrees four times leaves a square unchanged', () => {
    const squares = anyImage().map(({ data, width, height }) => {
      const side = Math.min(width, height);
      return { width: side, height: side, data: data.slice(0, side * side * 3) };
    });
    const quarter = rotate({ degrees: 90 });
    return expectSame([quarter, quarter, quarter, quarter], [], squares);
  });
});

describe('operators that are the same', () => {
  it.each([
    ['rotate by -90 and by 270 degrees', [rotate({ degrees: -90 })], [rotate({ degrees: 270 })]],
    ['a certain random flip and a flip', [randomHorizontalFlip({ probability: 1 })], [horizontalFlip()]],
    ['a certain random flip down', [randomVerticalFlip({ probability: 1 })], [verticalFlip()]],
    [
      'pad by all and by each side',
      [pad({ all: 3, mode: 'reflect' })],
      [pad({ left: 3, top: 3, right: 3, bottom: 3, mode: 'reflect' })],
    ],
    [
      'a padded image and its sides one by one, symmetric',
      [pad({ left: 2, mode: 'symmetric' }), pad({ bottom: 5, mode: 'symmetric' })],
      [pad({ left: 2, bottom: 5, mode: 'symmetric' })],
    ],
    ['posterize twice and once', [posterize({ bits: 3 }), posterize({ bits: 3 })], [posterize({ bits: 3 })]],
    [
      'posterize to fewer bits at last',
      [posterize({ bits: 5 }), posterize({ bits: 2 })],
      [posterize({ bits: 2 })],
    ],
    ['grey twice and once', [color({ factor: 0 }), color({ factor: 0 })], [color({ factor: 0 })]],
    ['flip before invert and after', [horizontalFlip(), invert()], [invert(), horizontalFlip()]],
    ['brightness 0 and posterize to 0 bits', [brightness({ factor: 0 })], [posterize({ bits: 0 })]],
    [
      'a shift in two steps and in one',
      [translateY({ pixels: 2 }), translateY({ pixels: 3 })],
      [translateY({ pixels: 5 })],
    ],
  ])('%s give the same pixels', (_, first, second) => expectSame(first, second));
});

describe('single operators', () => {
  const ramp: RawImage = {
    width: 4,
    height: 1,
    data: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  };

  it('translateX moves the content to the right and fills from the left', async () => {
    const { data } = await run(ramp, translateX({ pixels: 1, fill: [255, 0, 9] }));
    expect([...data]).toEqual([255, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('translateY moves the content down', async () => {
    const upright = { ...ramp, width: 1, height: 4 };
    const { data } = await run(upright, translateY({ pixels: 3, fill: [0, 0, 0] }));
    expect([...data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
  });

  it('rotate turns counter-clockwise', async () => {
    const square = { ...ramp, width: 2, height: 2 };
    const { data } = await run(square, rotate({ degrees: 90 }));
    expect([...data]).toEqual([4, 5, 6, 10, 11, 12, 1, 2, 3, 7, 8, 9]);
  });

  it('a translation by the whole width leaves nothing but the fill colour', async () => {
    const { data } = await run(ramp, translateX({ pixels: 225 }));
    expect(new Set(data)).toEqual(new Set([128]));
  });

  it('contrast 0 gives one grey, color 0 gives grey pixels', async () => {
    await fc.assert(
      fc.asyncProperty(anyImage(), async (image) => {
        const flat = await run(image, contrast({ factor: 0 }));
        expect(new Set(flat.data).size).toBe(1);
        const grey = await run(image, color({ factor: 0 }));
        expect(grey.data.every((value, i) => value === grey.data[i - (i % 3)])).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('autoContrast leaves an image unchanged that has black and white in every channel', () => {
    const images = anyImage().map(({ width, height, data }) => ({
      width,
      height: height + 2,
      data: Uint8Array.from([...data, ...new Uint8Array(width * 3), ...new Uint8Array(width * 3).fill(255)]),
    }));
    return expectSame([autoContrast()], [], images);
  });

  it('crop and resize to the whole image leave it unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(anyImage(), async (image) => {
        const { width, height } = image;
        expect(await run(image, crop({ left: 0, top: 0, width, height }))).toEqual(image);
        expect(await run(image, resize({ width, height, interpolation: 'bicubic' }))).toEqual(image);
        expect(await run(image, resize({ shortSide: Math.min(width, height) }))).toEqual(image);
      }),
      { numRuns: 40 },
    );
  });

  it('crops refuse images that are too small, naming both sizes', async () => {
    const large = crop({ left: 2, top: 0, width: 3, height: 1 });
    await expect(run(ramp, large)).rejects.toThrow(
      /^crop: 3 x 1 pixels at \(2, 0\) .* image of 4 x 1; add resize/,
    );
    await expect(run(ramp, centerCrop(2))).rejects.toThrow(
      /^centerCrop: 2 x 2 .* 4 x 1; add resize\(\{ shortSide: 2 \}\)/,
    );
    await expect(run(ramp, centerCrop(2))).rejects.toThrow(DataError);
    await expect(run(ramp, randomCrop(5, { padding: 1 }))).rejects.toThrow(
      /^randomCrop: 5 x 5 .* 4 x 1 padded by 1; add resize\(\{ shortSide: 5 \}\) before randomCrop, or padIfNeeded/,
    );
    await expect(run(ramp, randomCrop(5))).rejects.toThrow(DataError);
    await expect(run(ramp, randomCrop(5, { padIfNeeded: true }))).resolves.toMatchObject({
      width: 5,
      height: 5,
    });
  });

  it('resize refuses an image whose longer side would become too long', async () => {
    const long = { width: 200, height: 1, data: new Uint8Array(600) };
    await expect(run(long, resize({ shortSide: 256 }))).rejects.toThrow(
      /200 x 1 .* 51200 pixels long, at most 16384/,
    );
  });

  it('resize says how long a side may be at all', async () => {
    const line = { width: 60_000, height: 1 };
    expect(() =>
      resize.definition.lower({ shortSide: 16_384, interpolation: 'bilinear' }, line),
    ).not.toThrow();
    expect(() =>
      resize.definition.lower(
        { shortSide: 16_384, interpolation: 'bilinear' },
        { width: 140_000, height: 1 },
      ),
    ).toThrow(/140000 x 1 .* 2293760000 pixels long, at most 2147483647/);
  });

  it('resize makes no table for a nearest line that no crop can spare it', () => {
    const line = { width: 60_000, height: 1 };
    expect(() => resize.definition.lower({ shortSide: 2, interpolation: 'nearest' }, line)).toThrow(
      /60000 x 1 .* 120000 pixels long, at most 60000/,
    );
  });

  it('pad takes either all sides or some', () => {
    // @ts-expect-error both ways at once
    expect(() => pad({ all: 3, left: 1 })).toThrow('pad: sides must be { all }, or some of { left, top, ');
    expect(() => pad({ mode: 'edge' })).toThrow('pad: sides must be');
  });

  it('resize takes either both sides or the shorter one', () => {
    // @ts-expect-error one side is not enough
    expect(() => resize({ width: 3 })).toThrow('resize: target must be { width, height } or { shortSide }');
    // @ts-expect-error both ways at once
    expect(() => resize({ width: 3, height: 3, shortSide: 3 })).toThrow('resize: target must be');
    // @ts-expect-error both ways at once
    expect(() => resize({ longSide: 3, shortSide: 3 })).toThrow('or { longSide }, got');
    expect(() => resize({ shortSide: 3, interpolation: 'bicubic' })).not.toThrow();
  });
});
