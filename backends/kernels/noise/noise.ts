import { ParameterError } from '../../../src/core/errors.ts';
import { defineKernel, table, u32 } from '../kernel.ts';
import { noiseIndices } from '../normal-noise/noise-indices.ts';
import { INDICES, STARTS } from './offset-starts.ts';

/**
 * Adds to each value a level between -255 and 255 and clamps the sum. Which level is told by 16 random bits, an index of the
 * pixel's channel under the key (normal-noise/noise-indices.ts). `starts`: 510 indices in ascending order, the first
 * that adds -254 or more, the first that adds -253 or more, ... 255 or more; 65,536 where none does (offset-starts.ts).
 */
export const noise = defineKernel({
  name: 'noise',
  layout: { key0: u32, key1: u32, starts: table('u32') },
  check({ starts }) {
    const isAscending = starts.every((start, i) => start <= INDICES && start >= (starts[i - 1] ?? 0));
    if (starts.length === STARTS && isAscending) return;
    const expected = `${STARTS} indices of 0..${INDICES} in ascending order`;
    throw new ParameterError('INVALID_TABLES', `noise: starts must be ${expected}`);
  },
  // levels of all indices, of 2 bytes
  scratchBytes: () => 2 * INDICES,
  reference({ key0, key1, starts }, { data }, output) {
    const offsets = offsetsOf(starts);
    const indices = new Uint16Array(3);
    const clamped = new Uint8ClampedArray(output.buffer, output.byteOffset, data.length);
    for (let i = 0; i < data.length; i += 3) {
      noiseIndices(key0, key1, i / 3, indices);
      for (let channel = 0; channel < 3; channel++)
        clamped[i + channel] =
          (data[i + channel] as number) + (offsets[indices[channel] as number] as number);
    }
  },
});

function offsetsOf(starts: Uint32Array): Int16Array {
  const offsets = new Int16Array(INDICES).fill(-255);
  for (const [i, start] of starts.entries()) offsets.fill(i - 254, start);
  return offsets;
}
