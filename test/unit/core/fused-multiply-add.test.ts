import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fusedMultiplyAdd } from '../../../src/core/fused-multiply-add.ts';

/** A float32 as an integer of 2^-149. */
function exact(x: number): bigint {
  const word = new DataView(new ArrayBuffer(4));
  word.setFloat32(0, x);
  const bits = word.getUint32(0);
  const exponent = (bits >>> 23) & 0xff;
  const fraction = BigInt(bits & 0x7fffff) + (exponent > 0 ? 0x800000n : 0n);
  const magnitude = fraction << BigInt(Math.max(0, exponent - 1));
  return bits >>> 31 === 1 ? -magnitude : magnitude;
}

/** The nearest float32 to an integer of 2^-298, half to even. */
function rounded(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const dropped = BigInt(Math.max(0, magnitude.toString(2).length - 24));
  const [kept, unit] = [magnitude >> dropped, 1n << dropped];
  const rest = 2n * (magnitude - kept * unit);
  const up = rest > unit || (rest === unit && kept % 2n === 1n);
  const result = Number(kept + (up ? 1n : 0n)) * 2 ** (Number(dropped) - 298);
  return value < 0n ? -result : result;
}

const float = fc.float({ min: Math.fround(1e-6), max: 1e6, noNaN: true, noDefaultInfinity: true });
const signed = fc.tuple(float, fc.constantFrom(1, -1)).map(([x, sign]) => x * sign);

it('rounds a product and a sum once', () =>
  fc.assert(
    fc.property(signed, signed, signed, (a, b, c) => {
      const expected = rounded(exact(a) * exact(b) + (exact(c) << 149n));
      expect(fusedMultiplyAdd(a, b, c)).toBe(expected);
    }),
    { numRuns: 2000 },
  ));

it('is not misled by a sum that a double rounds to midway between two float32', () => {
  // 1 + 2^-24 is midway; 2^-60 is what a double has no room for
  const tiny = 2 ** -30;
  expect(fusedMultiplyAdd(tiny, tiny, 1 + 2 ** -23)).toBe(1 + 2 ** -23);
  expect(fusedMultiplyAdd(1 + 2 ** -12, 2 ** -24, 1)).toBe(Math.fround(1 + 2 ** -23));
  expect(fusedMultiplyAdd(1 + 2 ** -12, 1 + 2 ** -12, 2 ** -60)).toBe(Math.fround(1 + 2 ** -11 + 2 ** -23));
  expect(fusedMultiplyAdd(1 + 2 ** -12, 1 + 2 ** -12, -(2 ** -60))).toBe(1 + 2 ** -11);
});
