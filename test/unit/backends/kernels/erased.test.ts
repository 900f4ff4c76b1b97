import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EraseBox } from '../../../../backends/backend.ts';
import { finishImage, type Layer, type LayerMix } from '../../../../backends/kernels/finish/erased.ts';
import { mixTables } from '../../../../backends/kernels/finish/tables.ts';
import { fillTerm } from '../../../../backends/kernels/finish/terms.ts';
import { noiseIndices } from '../../../../backends/kernels/normal-noise/noise-indices.ts';
import { normalValues } from '../../../../backends/kernels/normal-noise/normal-values.ts';
import { fromHalf, toHalf } from '../../../../src/core/half.ts';
import type { Box, TensorFormat } from '../../../../src/core/image.ts';
import { noise } from '../../../support/images.ts';
import { anyBox, anyEraseBox } from '../../../support/kernels.ts';

const imageNet: TensorFormat = {
  dtype: 'float32',
  layout: 'nhwc',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
const inHalves: TensorFormat = { ...imageNet, dtype: 'float16' };
const size = { width: 7, height: 5 };
const own = noise(size, 1);
const other = noise(size, 2);

function finished(
  layer: Layer,
  mix?: LayerMix,
  eraseAfter?: readonly EraseBox[],
  format: TensorFormat = imageNet,
): number[] {
  const elements = 3 * layer.image.width * layer.image.height;
  const output = format.dtype === 'float16' ? new Uint16Array(elements) : new Float32Array(elements);
  finishImage(layer, mix, eraseAfter, format, output);
  return [...output];
}

const isIn = (box: Box, i: number): boolean => {
  const [x, y] = [Math.floor(i / 3) % size.width, Math.floor(i / 3 / size.width)];
  return x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height;
};

/** What an element means, in float64. */
function exactValue({ image, erase = [] }: Layer, i: number): number {
  const channel = i % 3;
  const box = [...erase].reverse().find((one) => isIn(one, i));
  if (box === undefined) {
    const [mean, std] = [imageNet.mean[channel] as number, imageNet.std[channel] as number];
    return ((image.data[i] as number) / 255 - mean) / std;
  }
  if ('fill' in box) return box.fill[channel] as number;
  const indices = new Uint16Array(3);
  noiseIndices(...box.noise, Math.floor(i / 3), indices);
  return normalValues()[indices[channel] as number] as number;
}

const boxes = fc.array(anyEraseBox(size), { maxLength: 3 });
const weight = fc.double({ min: 0, max: 1, noNaN: true });

describe('a row of which parts are erased', () => {
  it('has what simple arithmetic says, before and after a blend', () => {
    const property = fc.property(boxes, boxes, boxes, weight, (erase, erasePartner, eraseAfter, lambda) => {
      const layer = { image: own, erase };
      const partner = { image: other, erase: erasePartner };
      const actual = finished(layer, { partner, lambda }, eraseAfter);
      const wrong = actual.filter((value, i) => {
        const isErased = eraseAfter.some((box) => isIn(box, i));
        const blend = lambda * exactValue(layer, i) + (1 - lambda) * exactValue(partner, i);
        const expected = isErased ? exactValue({ image: own, erase: eraseAfter }, i) : blend;
        // noise has 13 bits of fraction in a blend, and its share 15
        return Math.abs(value - expected) > (isErased ? 1e-6 : 3e-4);
      });
      expect(wrong).toEqual([]);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('keeps constants within one rounding, in a blend too', () => {
    const property = fc.property(anyBox(size), weight, weight, (box, fill, lambda) => {
      const layer: Layer = { image: own, erase: [{ ...box, fill: [fill, -fill, 0] }] };
      const alone = finished(layer, undefined, undefined, inHalves);
      const blended = finished(layer, { partner: { image: other }, lambda });
      for (let i = 0; i < alone.length; i++) {
        if (!isIn(box, i)) continue;
        expect(alone[i]).toBe(toHalf(exactValue(layer, i)));
        const expected = lambda * exactValue(layer, i) + (1 - lambda) * exactValue({ image: other }, i);
        expect(Math.abs((blended[i] as number) - expected)).toBeLessThan(2 ** -22);
      }
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('is covered by the last of its boxes', () => {
    const whole = { left: 0, top: 0, ...size };
    const corner = { left: 4, top: 3, width: 3, height: 2 };
    const erase: EraseBox[] = [
      { ...whole, fill: [1, 2, 3] },
      { ...corner, fill: [4, 5, 6] },
    ];
    const expected = (i: number) => (isIn(corner, i) ? 4 : 1) + (i % 3);
    expect(finished({ image: own, erase })).toEqual(Array.from(own.data, (_, i) => expected(i)));
    const covered = finished({ image: own, erase: erase.toReversed() });
    expect(covered).toEqual(Array.from(own.data, (_, i) => 1 + (i % 3)));
  });

  it('is the same where nothing is erased by no boxes', () => {
    expect(finished({ image: own, erase: [] }, undefined, [])).toEqual(finished({ image: own }));
  });

  it('refuses constants that a blend cannot hold, and takes the largest that it can', () => {
    const { shift } = mixTables(imageNet, 0.5);
    expect(fillTerm(7.99, 1, shift) * 2 ** -28).toBeCloseTo(7.99, 7);
    expect(() => fillTerm(-8, 0, shift)).toThrow(
      'erase: values of rows that are blended must stay below 8 in normalised units, got -8',
    );
    expect(finished({ image: own, erase: [{ left: 0, top: 0, ...size, fill: [100, 100, 100] }] })).toContain(
      100,
    );
  });
});

describe('a row with a box of its partner', () => {
  it("has the partner's elements in it and its own outside, erased or not, whatever the weight", () => {
    const property = fc.property(anyBox(size), boxes, boxes, weight, (box, erase, erasePartner, lambda) => {
      const layer = { image: own, erase };
      const partner = { image: other, erase: erasePartner };
      const [inside, outside] = [partner, layer].map((one) => finished(one, undefined, undefined, inHalves));
      const actual = finished(layer, { partner, lambda, box }, undefined, inHalves);
      expect(actual).toEqual(actual.map((_, i) => (isIn(box, i) ? inside : outside)?.[i]));
    });
    fc.assert(property, { numRuns: 100 });
  });
});

describe('an image that noise has erased', () => {
  const large = { width: 224, height: 224 };
  const image = { ...large, data: new Uint8Array(224 * 224 * 3) };
  const erase: EraseBox[] = [{ left: 0, top: 0, ...large, noise: [20_261_129, 7] }];

  it.each([
    ['alone', undefined, 1],
    ['blended with black of the mean 0', 0.5, 0.5],
  ])('has a mean of 0 and the variance of its share: %s', (_, lambda, share) => {
    const format: TensorFormat = { ...inHalves, mean: [0, 0, 0] };
    const mix = lambda === undefined ? undefined : { partner: { image }, lambda };
    const values = finished({ image, erase }, mix, undefined, format).map(fromHalf);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance / share ** 2 - 1)).toBeLessThan(0.01);
  });

  it('has the noise of its place, in whichever box of the same key it lies', () => {
    const part: EraseBox = { left: 50, top: 60, width: 9, height: 8, noise: [20_261_129, 7] };
    const whole = finished({ image, erase });
    const ofPart = finished({ image, erase: [part] });
    const at = 3 * (60 * 224 + 50);
    expect(ofPart.slice(at, at + 27)).toEqual(whole.slice(at, at + 27));
    expect(new Set(ofPart).size).toBeGreaterThan(200);
  });
});
