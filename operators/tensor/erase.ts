import type { EraseBox } from '../../backends/backend.ts';
import type { Box } from '../../src/core/image.ts';
import type { Rng } from '../../src/core/random.ts';
import { drawEraseBox } from '../erase-box.ts';
import { definePhase } from '../operator.ts';

/**
 * Random erasing: with `probability`, boxes of a row's normalised image are overwritten: by `fill` ('constant'), each by one
 * normal colour of its own ('colour'), or by normal noise an element ('noise'). Each box has an area uniform in `area`
 * divided by their number, and a height / width log-uniform in `ratio`; it is smaller than the image both ways, else left
 * out after ten attempts. Their number is uniform in `count`. `fill` is in the tensor's unit: [0, 0, 0] is the mean.
 *
 * Before a step that blends rows, `fill` must be below 8 in magnitude; the limit is higher where `normalize` makes larger numbers.
 *
 * Stands before the step that mixes rows, as in torchvision, after it, as in timm, or both. rows: [h, w, 3], same shape. Zhong
 * et al., "Random erasing data augmentation". The defaults are torchvision's RandomErasing: its p, scale and ratio are
 * `probability`, `area` and `ratio`, its value a number or three 'constant', its 'random' 'noise'. timm's min_area and max_area
 * are `area` (max 1 / 3), min_aspect and max_aspect `ratio` (max 1 / 0.3), min_count and max_count `count`, its modes
 * const, rand and pixel 'constant', 'colour' and 'noise'; num_splits is not offered.
 */
export const erase = definePhase({
  name: 'erase',
  module: import.meta.url,
  phase: 'tensor',
  parameters: {
    probability: { min: 0, max: 1, unit: 'probability', default: 0.5 },
    area: { type: 'range', min: 0, max: 1, unit: 'of the area', default: [0.02, 0.33] },
    ratio: { type: 'range', min: 0.01, max: 100, unit: 'height / width', default: [0.3, 3.3] },
    value: { type: 'choice', choices: ['constant', 'colour', 'noise'], default: 'constant' },
    fill: { type: 'triple', min: -1000, max: 1000, unit: 'in the tensor', default: [0, 0, 0] },
    count: { type: 'range', integer: true, min: 1, max: 100, unit: 'boxes', default: [1, 1] },
  },
  draw({ probability, area, ratio, value, fill, count: [fewest, most] }, rng, size) {
    if (!rng.chance(probability)) return { boxes: [] };
    const count = fewest + rng.integer(most - fewest + 1);
    const boxes: EraseBox[] = [];
    for (let i = 0; i < count; i++) {
      const box = drawEraseBox(rng, size, area, ratio, count);
      if (box !== undefined) boxes.push({ ...box, ...drawContent(rng, value, fill) });
    }
    return { boxes };
  },
  constants: ({ value, fill }) => (value === 'constant' ? { fill } : {}),
  describe: ({ boxes }) => (boxes.length === 0 ? ['not erased'] : boxes.map(describeErased)),
});

function drawContent(rng: Rng, value: string, fill: readonly [number, number, number]) {
  if (value === 'constant') return { fill };
  if (value === 'colour') return { fill: [rng.normal(), rng.normal(), rng.normal()] as const };
  return { noise: [rng.uint32(), rng.uint32()] as const };
}

const describeErased = ({ left, top, width, height }: Box): string =>
  `erased ${width}x${height} at ${left},${top}`;
