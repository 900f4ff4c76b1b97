import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../../../backends/cpu/executor.ts';
import type { RawImage } from '../../../src/core/image.ts';
import { defaultCell, fitToCell } from '../../../src/preview/fit.ts';
import { drawGrid, imagesSize } from '../../../src/preview/grid.ts';
import { makeCanvas } from '../../../src/raster/canvas.ts';
import { patternImage } from '../../support/raw-images.ts';

const red = [250, 1, 2] as const;
const blue = [1, 2, 250] as const;

/** Where an image has a colour: the box around it, and how many pixels. */
function find({ data, width }: RawImage, [r, g, b]: readonly number[]) {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b) continue;
    xs.push((i / 3) % width);
    ys.push(Math.floor(i / 3 / width));
  }
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const box = { left, top, width: Math.max(...xs) - left + 1, height: Math.max(...ys) - top + 1 };
  return { ...box, pixels: xs.length };
}

describe('drawGrid', () => {
  const solid = (width: number, height: number, color: readonly [number, number, number]) =>
    makeCanvas({ width, height }, color);
  const grid = (lines: readonly string[]) =>
    drawGrid({
      heading: 'heading',
      columns: ['one', 'two'],
      rows: [
        [
          { image: solid(60, 60, red), lines },
          { image: solid(20, 61, blue), lines: ['short'] },
        ],
      ],
      cell: 64,
    });

  it('lays images whole and centred into their cells, side by side', () => {
    const picture = grid(['line']);
    const first = find(picture, red);
    const second = find(picture, blue);
    expect(first).toMatchObject({ width: 60, height: 60, pixels: 3600 });
    expect(second).toMatchObject({ width: 20, height: 61, pixels: 1220 });
    expect(picture.width).toBe(imagesSize(2, 1, 64).width);
    // from one cell to the next: its 64 pixels and the gap of 14; from an image to its cell's edge: half the rest
    expect(second.left - 22 - (first.left - 2)).toBe(64 + 14);
    expect(first.top - second.top).toBe(2 - 1);
  });

  it('grows with the longest caption of a row', () => {
    const heights = [1, 2, 5].map((count) => grid(Array(count).fill('line')).height);
    expect(heights.map((height) => height - (heights[0] as number))).toEqual([0, 11, 44]);
  });
});

describe('fitToCell', () => {
  it('leaves an image that fits as it is, or repeats its pixels a whole number of times', async () => {
    const executor = await cpuBackend.open();
    const side = fc.integer({ min: 1, max: 30 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.integer({ min: 30, max: 70 }), async (width, height, cell) => {
        const image = patternImage(5, width, height);
        const fitted = await fitToCell(executor, image, cell);
        const factor = fitted.width / width;
        expect(fitted.height).toBe(height * factor);
        expect(Math.max(width, height) * (factor + 1)).toBeGreaterThan(cell);
        const expected = fitted.data.map((_, i) => {
          const [x, y] = [Math.floor(i / 3) % fitted.width, Math.floor(i / 3 / fitted.width)];
          return image.data[
            (Math.floor(y / factor) * width + Math.floor(x / factor)) * 3 + (i % 3)
          ] as number;
        });
        expect(fitted.data).toEqual(expected);
      }),
      { numRuns: 30 },
    );
    await executor.close();
  });

  it('shrinks a larger image into the cell with its shape kept', async () => {
    const executor = await cpuBackend.open();
    const sizes = [
      [100, 50, 40, 20],
      [7, 90, 3, 40],
      [400, 1, 40, 1],
      [41, 41, 40, 40],
    ] as const;
    for (const [width, height, fittedWidth, fittedHeight] of sizes) {
      const fitted = await fitToCell(executor, patternImage(1, width, height), 40);
      expect([fitted.width, fitted.height]).toEqual([fittedWidth, fittedHeight]);
    }
    await executor.close();
  });
});

it('chooses a cell that shows images of up to 256 pixels as they are, enlarged where they are small', () => {
  expect([1, 32, 64, 128, 160, 224, 256, 380].map(defaultCell)).toEqual([
    160, 160, 192, 256, 160, 224, 256, 256,
  ]);
});
