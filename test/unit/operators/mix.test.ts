import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutmix } from '../../../operators/batch/cutmix.ts';
import { mix } from '../../../operators/batch/mix.ts';
import { mixup } from '../../../operators/batch/mixup.ts';
import { cutBox } from '../../../operators/cut-box.ts';
import type { BatchOperator } from '../../../operators/operator.ts';
import { drawBeta } from '../../../src/core/beta.ts';
import type { Size } from '../../../src/core/image.ts';
import type { RowMix } from '../../../src/core/mixing.ts';
import { randomFor } from '../../../src/core/random.ts';
import { definitionOf, describeStep, type Step } from '../../../src/core/step.ts';
import { isInside } from '../../../src/engine/plan/erasing.ts';
import { validOptions } from '../../support/operator-calls.ts';

const size = { width: 31, height: 20 };
const anySize = fc.record({
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
});
const rngOf = (index: number) => randomFor(5, 2, index, 0, 'batch');

function drawOf(step: Step, index: number, of: Size = size): RowMix | undefined {
  // biome-ignore lint/suspicious/noExplicitAny: erased, as in plan.ts.
  const operator = step[definitionOf] as BatchOperator<any>;
  return operator.draw(step[describeStep].parameters, rngOf(index), of);
}

const drawsOf = (step: Step, count = 2000) =>
  Array.from({ length: count }, (_, index) => drawOf(step, index));
const shareOf = <T>(values: readonly T[], has: (value: T) => boolean) =>
  values.filter(has).length / values.length;

describe('cutmix', () => {
  it("draws torchvision's box of a share and a centre, and gives the share of what is left", () => {
    for (let index = 0; index < 200; index++) {
      const rng = rngOf(index);
      const lambda = drawBeta(rng, 0.7);
      const centre = { x: rng.integer(size.width), y: rng.integer(size.height) };
      const box = cutBox('torchvision', size, lambda, centre);
      const area = box.width * box.height;
      const expected = area === 0 ? undefined : { box, lambda: 1 - area / (31 * 20) };
      expect(drawOf(cutmix(0.7), index)).toEqual(expected);
    }
  });

  it('mixes nothing with alpha 0, and has alpha 1 where none is given', () => {
    expect(drawOf(cutmix(0), 1)).toBeUndefined();
    expect(cutmix()[describeStep].parameters).toEqual({ alpha: 1 });
  });

  it('mixes nothing where the box has no pixels', () => {
    const draws = Array.from({ length: 50 }, (_, index) => drawOf(cutmix(), index, { width: 1, height: 9 }));
    expect(draws.every((draw) => draw === undefined)).toBe(true);
  });
});

describe('mix', () => {
  it('draws what its short forms draw, where it has one alpha alone', () => {
    for (let index = 0; index < 50; index++) {
      expect(drawOf(mix({ mixup: 0.4 }), index)).toEqual(drawOf(mixup(0.4), index));
      expect(drawOf(mix({ cutmix: 0.4 }), index)).toEqual(drawOf(cutmix(0.4), index));
    }
  });

  it('mixes with the probability prob, and then cuts with switchProb', () => {
    const draws = drawsOf(mix({ mixup: 0.8, cutmix: 1, prob: 0.7, switchProb: 0.3 }));
    const mixed = draws.filter((draw) => draw !== undefined);
    // a cut of no pixels counts as not mixed: rare at this size
    expect(shareOf(draws, (draw) => draw !== undefined)).toBeCloseTo(0.7, 1);
    expect(shareOf(mixed, ({ box }) => box !== undefined)).toBeCloseTo(0.3, 1);
  });

  it("has timm's box where it is asked for: of all lengths, where torchvision's are even within the image", () => {
    const lengths = (step: Step) =>
      new Set(
        drawsOf(step)
          .flatMap((draw) => draw?.box ?? [])
          .filter(({ left, width }) => left > 0 && left + width < size.width)
          .map(({ width }) => width % 2),
      );
    expect(lengths(mix({ cutmix: 1 }))).toEqual(new Set([0]));
    expect(lengths(mix({ cutmix: 1, box: 'timm' }))).toEqual(new Set([0, 1]));
  });

  it("draws a box's sides within minmax, below the upper end", () => {
    const boxes = drawsOf(mix({ minmax: [0.2, 0.8] })).map((draw) => draw?.box);
    const sides = (side: 'width' | 'height') =>
      [...new Set(boxes.map((box) => box?.[side] ?? 0))].sort((a, b) => a - b);
    // int(0.2 * 31)..int(0.8 * 31) - 1, and of 20
    expect(sides('width')).toEqual(Array.from({ length: 18 }, (_, i) => i + 6));
    expect(sides('height')).toEqual(Array.from({ length: 12 }, (_, i) => i + 4));
    expect(new Set(boxes.map((box) => box?.left)).size).toBe(26);
  });

  it.each(['mix', 'cutmix', 'mixup'] as const)(
    '%s: gives a share of 0..1, which is what its box leaves',
    (name) => {
      const operator = { mix, cutmix, mixup }[name];
      fc.assert(
        fc.property(validOptions(name), anySize, fc.nat(), (options, of, index) => {
          const step = name === 'mix' ? mix(options) : operator(options['alpha'] as never);
          const { lambda = 1, box } = drawOf(step, index, of) ?? {};
          expect(lambda >= 0 && lambda <= 1).toBe(true);
          if (box === undefined) return;
          expect(isInside(box, of)).toBe(true);
          expect(lambda).toBe(1 - (box.width * box.height) / (of.width * of.height));
        }),
      );
    },
  );

  it('is drawn for batches, for pairs or for rows, as mode says', () => {
    for (const mode of ['batch', 'pair', 'row'] as const) {
      const step = mix({ mixup: 1, mode });
      expect(mix.definition.unit?.(step[describeStep].parameters as never)).toBe(mode);
    }
  });

  it('is refused where there is nothing to mix by', () => {
    for (const options of [{}, { mixup: 0, cutmix: 0 }, { prob: 0.5 }])
      expect(() => mix(options)).toThrow('mix: mixup or cutmix must be above 0, or minmax be given');
  });
});
