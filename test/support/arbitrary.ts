import fc from 'fast-check';
import { autoAugment } from '../../operators/image/auto-augment.ts';
import { invert } from '../../operators/image/invert.ts';
import { randomApply } from '../../operators/image/random-apply.ts';
import { randomHorizontalFlip } from '../../operators/image/random-horizontal-flip.ts';
import { randomResizedCrop } from '../../operators/image/random-resized-crop.ts';
import { resize } from '../../operators/image/resize.ts';
import { rotate } from '../../operators/image/rotate.ts';
import type { Parameter, Parameters } from '../../operators/parameters.ts';
import type { RawImage } from '../../src/core/image.ts';
import type { Step } from '../../src/core/step.ts';

/** Values that the declaration of a parameter accepts. `limit` keeps sizes in pixels small. */
function anyValue(parameter: Parameter, limit: number): fc.Arbitrary<unknown> {
  if (parameter.type === 'choice') return fc.constantFrom(...parameter.choices);
  if (parameter.type === 'boolean') return fc.boolean();
  if (parameter.type === 'steps') return fc.array(anyStep, { minLength: 1, maxLength: 3 });
  if (parameter.type === 'text') return fc.constantFrom(...parameter.examples);
  const { min, unit } = parameter;
  const max = unit === 'pixels' ? Math.min(parameter.max, limit) : parameter.max;
  const low = Math.max(min, -max);
  const isInteger = parameter.type === 'integer' || ('integer' in parameter && parameter.integer === true);
  const number: fc.Arbitrary<number> = isInteger
    ? fc.integer({ min: low, max })
    : fc.double({ min: low, max, noNaN: true }).map((value) => value + 0);
  if (parameter.type === 'numbers') return fc.array(number, { minLength: 1, maxLength: 3 });
  if (parameter.type === 'triple') return fc.tuple(number, number, number);
  if (parameter.type === 'range') return fc.tuple(number, number).map((pair) => pair.sort((a, b) => a - b));
  return number;
}

/** Steps that change the size and that do not, that draw and that do not, and one with steps of its own. */
const anyStep: fc.Arbitrary<Step> = fc.constantFrom(
  invert(),
  rotate({ degrees: 20 }),
  randomHorizontalFlip(),
  randomResizedCrop(7),
  resize({ shortSide: 9 }),
  autoAugment(),
  randomApply([randomHorizontalFlip({ probability: 0.3 }), randomResizedCrop(7, { scale: [0.5, 1] })]),
);

/** Options that the declarations accept; those with a default are left out at times. */
export function anyOptions(parameters: Parameters, limit = 80): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.entries(parameters).map(
    ([key, parameter]) => [key, anyValue(parameter, limit)] as const,
  );
  const requiredKeys = Object.keys(parameters).filter((key) => isRequired(parameters[key] as Parameter));
  return fc.record(Object.fromEntries(values), { requiredKeys });
}

const isRequired = (parameter: Parameter): boolean =>
  parameter.default === undefined && !('optional' in parameter);

/** u8 RGB images of any content, 1 x 1 up to `limit` x `limit`. */
export function anyImage(limit = 24): fc.Arbitrary<RawImage> {
  const side = fc.integer({ min: 1, max: limit });
  return fc
    .tuple(
      side,
      side,
      fc.constantFrom<Content>('noise', 'gradient', 'flat', 'narrow'),
      fc.integer({ min: 0 }),
    )
    .map(([width, height, content, seed]) => imageOf(width, height, content, seed));
}

type Content = 'noise' | 'gradient' | 'flat' | 'narrow';

function imageOf(width: number, height: number, content: Content, seed: number): RawImage {
  const data = new Uint8Array(width * height * 3);
  let state = seed >>> 0;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = state >>> 24;
    if (content === 'noise') data[i] = noise;
    else if (content === 'narrow') data[i] = 90 + (noise % 20);
    else if (content === 'flat') data[i] = (seed >>> ((i % 3) * 8)) & 255;
    else data[i] = ((i % (width * 3)) * 5 + Math.floor(i / (width * 3)) * 3) & 255;
  }
  return { width, height, data };
}
