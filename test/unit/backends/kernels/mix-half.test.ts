import { expect, it } from 'vitest';
import { instantiateKernels } from '../../../../backends/cpu/instance.ts';
import { fixedToHalf } from '../../../../backends/kernels/finish/finish.ts';
import { fromHalf } from '../../../../src/core/half.ts';

/** MixUp in float16 on numbers as they are: each is an entry of the first table, the second is all zeros. */
async function openMixHalf(): Promise<(fixed: Int32Array, shift: number) => Uint16Array> {
  const { kernels, memory } = await instantiateKernels();
  memory.grow(1);
  const [image, own, other, target] = [0, 1024, 8192, 16384];
  // 256 pixels, pixel v being (v, v, v): element 3 * v + c reads entry 256 * c + v
  new Uint8Array(memory.buffer, image, 768).forEach((_, i, bytes) => {
    bytes[i] = Math.floor(i / 3);
  });
  return (fixed, shift) => {
    new Int32Array(memory.buffer, own, 768).set(fixed);
    kernels['mix']?.(image, image, target, 256, own, other, shift, 2, 2, 512);
    return new Uint16Array(memory.buffer.slice(target, target + 2 * 768));
  };
}

it('rounds as the reference does at every middle of two halves, and one unit beside it', async () => {
  const mixHalf = await openMixHalf();
  const wrong: number[] = [];
  for (const shift of [-9, -1, 0, 3, 4]) {
    const numbers: number[] = [];
    for (let half = 0; half < 0x7bff; half++) {
      const middle = ((fromHalf(half) + fromHalf(half + 1)) / 2) * 2 ** (24 + shift);
      // below one unit there is no such number, past 2^31 it does not fit
      if (Number.isInteger(middle) && middle < 2 ** 31 - 1) numbers.push(middle - 1, -middle, middle + 1);
    }
    expect(numbers.length).toBeGreaterThan(10_000);
    for (let from = 0; from < numbers.length; from += 768) {
      const fixed = Int32Array.from({ length: 768 }, (_, i) => numbers[from + i] ?? 0);
      const halves = mixHalf(fixed, shift);
      fixed.forEach((value, i) => {
        if (halves[i] !== fixedToHalf(value, shift)) wrong.push(value);
      });
    }
  }
  expect(wrong).toEqual([]);
});
