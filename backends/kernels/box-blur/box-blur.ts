import { ParameterError } from '../../../src/core/errors.ts';
import type { RawImage } from '../../../src/core/image.ts';
import { type ArgumentsOf, defineKernel, u32 } from '../kernel.ts';

const layout = { radius: u32, weight: u32, edgeWeight: u32, isVertical: u32 } as const;
type Arguments = ArgumentsOf<typeof layout>;

const ROUNDS = 3;
/** What all weights come to, at most. */
const ONE = 2 ** 24;

/**
 * Three box blurs along rows or, where `isVertical` is 1, along columns. In each of them every value becomes the sum of those
 * up to `radius` away times `weight`, and of the two just beyond times `edgeWeight`, in units of 2^-24, rounded. Outside the
 * image its outermost pixels go on. Pillow's ImageFilter.GaussianBlur with the weights of calls.ts.
 */
export const boxBlur = defineKernel({
  name: 'box-blur',
  layout,
  rounds: ROUNDS,
  check({ radius, weight, edgeWeight }) {
    if ((2 * radius + 1) * weight + 2 * edgeWeight <= ONE) return;
    throw new ParameterError('INVALID_WEIGHTS', `box-blur: the weights must come to ${ONE} at most`);
  },
  // four lines of vectors: each has room to wander by a margin a round, and for one more margin
  scratchBytes: ({ radius }, { width, height }) => 64 * (Math.max(width, height) + 4 * (radius + 1) + 4),
  reference(args, { data, width, height }, output) {
    let from: Uint8Array = data;
    for (let round = 0; round < ROUNDS; round++) {
      blurOnce(args, { data: from, width, height }, output);
      from = Uint8Array.from(output.subarray(0, data.length));
    }
  },
});

function blurOnce(args: Arguments, { data, width, height }: RawImage, output: Uint8Array): void {
  const row = { length: width, stride: 3 };
  const column = { length: height, stride: 3 * width };
  const [line, across] = args.isVertical === 1 ? [column, row] : [row, column];
  for (let i = 0; i < across.length; i++) {
    for (let channel = 0; channel < 3; channel++)
      blurLine(args, data, { ...line, start: i * across.stride + channel }, output);
  }
}

interface Line {
  readonly start: number;
  readonly length: number;
  readonly stride: number;
}

function blurLine(
  { radius, weight, edgeWeight }: Arguments,
  data: Uint8Array,
  { start, length, stride }: Line,
  output: Uint8Array,
): void {
  const placeOf = (i: number) => start + Math.max(0, Math.min(length - 1, i)) * stride;
  const valueAt = (i: number) => data[placeOf(i)] as number;
  // of the window of value -1
  let sum = 0;
  for (let i = -radius - 1; i < radius; i++) sum += valueAt(i);
  for (let i = 0; i < length; i++) {
    sum += valueAt(i + radius) - valueAt(i - radius - 1);
    const outer = valueAt(i - radius - 1) + valueAt(i + radius + 1);
    output[placeOf(i)] = (sum * weight + outer * edgeWeight + ONE / 2) / ONE;
  }
}
