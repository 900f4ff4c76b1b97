import { describe, expect, it } from 'vitest';
import { randomAffine, randomRotation, randomTranslate } from '../../operators/registry.ts';
import { randomFor } from '../../src/core/random.ts';
import { openExecutor } from '../../src/engine/rows/open-executor.ts';
import { resultOf } from '../support/executors.ts';
import { noise } from '../support/images.ts';
import { backends } from '../support/operator-calls.ts';
import { firstDifference, type Golden, readGoldens } from './kernel-goldens.ts';

type Drawn = Parameters<typeof randomAffine.definition.lower>[0];
type Case = Golden<{ readonly drawn: Drawn }>;
const affine = readGoldens<{ drawn: Drawn }>('torchvision-affine');
const rotate = readGoldens<{ drawn: Drawn }>('torchvision-rotate');

describe.each(backends)('what torchvision gives for values drawn, on %s', (backend) => {
  it.each([
    ['randomAffine', randomAffine, affine],
    ['randomRotation', randomRotation, rotate],
  ] as const)(
    '%s: the same bytes, within 1 level where it interpolates',
    async (_, { definition }, cases) => {
      const executor = await openExecutor(backend);
      for (const golden of cases) {
        const program = definition.lower(golden.parameters.drawn, golden.image);
        const { data } = await resultOf(executor, golden.image, program);
        expect(firstDifference(data, golden, toleranceOf(golden)), golden.title).toBeUndefined();
      }
      await executor.close();
    },
  );
});

const toleranceOf = ({ parameters }: Case): number => (parameters.drawn.interpolation === 'nearest' ? 0 : 1);

/** Draws of many samples for an image of 200 x 100 pixels. */
function drawsOf<Values>(draw: (rng: ReturnType<typeof randomFor>) => Values): Values[] {
  return Array.from({ length: 2000 }, (_, sample) => draw(randomFor(7, 0, sample, 0)));
}

const extremes = (values: readonly number[]) => [Math.min(...values), Math.max(...values)];

it('randomAffine draws from its ranges, whole pixels up to a fraction of the side', () => {
  const size = { width: 200, height: 100 };
  const ranges = {
    degrees: [-20, 10],
    translateX: 0.1,
    translateY: 0.255,
    scale: [0.5, 2],
    shearX: [-5, 5],
    shearY: [1, 1],
    interpolation: 'nearest',
    fill: [0, 0, 0],
  } as const;
  const drawn = drawsOf((rng) => randomAffine.definition.draw?.(ranges, rng, size, 0) as Drawn);
  expect(extremes(drawn.map(({ translateX }) => translateX))).toEqual([-20, 20]);
  expect(extremes(drawn.map(({ translateY }) => translateY))).toEqual([-25, 25]);
  expect(drawn.every(({ translateX }) => Number.isInteger(translateX) && !Object.is(translateX, -0))).toBe(
    true,
  );
  expect(drawn.every(({ shearY }) => shearY === 1)).toBe(true);
  for (const name of ['degrees', 'scale', 'shearX'] as const) {
    const [least, most] = extremes(drawn.map((values) => values[name])) as [number, number];
    const [low, high] = ranges[name];
    const margin = (high - low) / 100;
    expect(least, name).toBeGreaterThanOrEqual(low);
    expect(least, name).toBeLessThan(low + margin);
    expect(most, name).toBeLessThanOrEqual(high);
    expect(most, name).toBeGreaterThan(high - margin);
  }
});

it('randomTranslate moves by each distance alike, and pads as padding and cropping do', async () => {
  const { draw, lower } = randomTranslate.definition;
  const fill = [1, 2, 3] as const;
  const image = noise({ width: 5, height: 4 }, 3);
  const drawn = drawsOf((rng) => draw?.({ pixels: 2, fill }, rng, image, 0) as Parameters<typeof lower>[0]);
  for (const axis of ['x', 'y'] as const) {
    for (const distance of [-2, -1, 0, 1, 2]) {
      const share = drawn.filter((values) => values[axis] === distance).length / drawn.length;
      expect(share).toBeGreaterThan(0.17);
      expect(share).toBeLessThan(0.23);
    }
  }
  const executor = await openExecutor('reference');
  const { data } = await resultOf(executor, image, lower({ x: 2, y: -1, fill }, image));
  const pixelAt = (bytes: Uint8Array, x: number, y: number) => [
    ...bytes.subarray((y * 5 + x) * 3, (y * 5 + x) * 3 + 3),
  ];
  expect(pixelAt(data, 4, 0)).toEqual(pixelAt(image.data, 2, 1));
  expect(pixelAt(data, 1, 0)).toEqual([...fill]);
  expect(pixelAt(data, 3, 3)).toEqual([...fill]);
});
