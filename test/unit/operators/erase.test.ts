import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OptionsOf } from '../../../operators/parameters.ts';
import { erase } from '../../../operators/tensor/erase.ts';
import type { Size } from '../../../src/core/image.ts';
import { randomFor } from '../../../src/core/random.ts';
import { describeStep } from '../../../src/core/step.ts';
import { isInside } from '../../../src/engine/plan/erasing.ts';
import { validOptions } from '../../support/operator-calls.ts';

const size = { width: 100, height: 80 };
type Options = OptionsOf<typeof erase.definition.parameters>;

function drawOf(options: Options, index: number, of: Size = size) {
  const { parameters } = erase(options)[describeStep];
  return erase.definition.draw(parameters as never, randomFor(3, 1, index, 4), of);
}

const boxesOf = (options: Options, count = 1000) =>
  Array.from({ length: count }, (_, index) => drawOf({ probability: 1, ...options }, index).boxes);

describe('erase', () => {
  it('erases with the given probability', () => {
    const boxes = boxesOf({ probability: 0.25 }, 4000);
    expect(boxes.filter(({ length }) => length > 0).length / boxes.length).toBeCloseTo(0.25, 1);
    expect(boxesOf({ probability: 0 }, 20).flat()).toEqual([]);
  });

  it('draws boxes of whole pixels in the image, smaller than it both ways', () => {
    fc.assert(
      fc.property(
        validOptions('erase'),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        (options, side, index) => {
          const of = { width: side, height: 41 - side };
          for (const box of drawOf(options, index, of).boxes) {
            expect(isInside(box, of)).toBe(true);
            expect(box.width < of.width && box.height < of.height).toBe(true);
          }
        },
      ),
    );
  });

  it('draws areas evenly between the ends, and shapes as often upright as lying', () => {
    const boxes = boxesOf({ area: [0.1, 0.3], ratio: [0.5, 2] }).flat();
    const areas = boxes.map(({ width, height }) => (width * height) / 8000);
    // but for rounding to whole pixels
    expect(Math.min(...areas)).toBeCloseTo(0.1, 1);
    expect(Math.max(...areas)).toBeCloseTo(0.3, 1);
    expect(areas.reduce((sum, area) => sum + area) / areas.length).toBeCloseTo(0.2, 2);
    const upright = boxes.filter(({ width, height }) => height > width).length;
    expect(upright / boxes.length).toBeCloseTo(0.5, 1);
  });

  it('divides the area by the number of boxes, which is drawn as well', () => {
    const rows = boxesOf({ area: [0.24, 0.24], ratio: [1, 1], count: [2, 4] });
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([2, 3, 4]));
    for (const boxes of rows)
      for (const { width, height } of boxes)
        expect((width * height) / 8000).toBeCloseTo(0.24 / boxes.length, 1);
  });

  it('fills boxes with the constant that is given, a colour of their own, or noise by a key of their own', () => {
    const fill = [1, -2, 0.5] as const;
    expect(boxesOf({ fill }, 3).flat()[0]).toMatchObject({ fill });
    const colours = boxesOf({ value: 'colour', count: [2, 2] }, 500).flatMap((boxes) =>
      boxes.flatMap((box) => ('fill' in box ? box.fill : [])),
    );
    expect(new Set(colours).size).toBe(3000);
    const mean = colours.reduce((sum, value) => sum + value) / colours.length;
    const variance = colours.reduce((sum, value) => sum + value ** 2, 0) / colours.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    const keys = boxesOf({ value: 'noise', count: [2, 2] }, 50).flatMap((boxes) =>
      boxes.map((box) => ('noise' in box ? String(box.noise) : '')),
    );
    expect(new Set(keys).size).toBe(100);
  });

  it('erases nothing where no attempt gives a part that is smaller than the image', () => {
    expect(boxesOf({ area: [1, 1], ratio: [1, 1] }, 20).flat()).toEqual([]);
    expect(boxesOf({ area: [0, 0] }, 20).flat()).toEqual([]);
  });

  it('describes each box, or that there is none', () => {
    const { describe: lines } = erase.definition;
    const box = { left: 5, top: 7, width: 30, height: 20, fill: [0, 0, 0] } as const;
    expect(lines?.({ boxes: [box, { ...box, left: 9 }] })).toEqual([
      'erased 30x20 at 5,7',
      'erased 30x20 at 9,7',
    ]);
    expect(lines?.({ boxes: [] })).toEqual(['not erased']);
  });
});
