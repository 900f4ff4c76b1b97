import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCos, portableExp, portableLog, portableSin } from '../../../src/core/portable-math.ts';
import { expectCommitted } from '../../support/committed.ts';

const bits = new DataView(new ArrayBuffer(8));

function bitsOf(value: number): bigint {
  bits.setFloat64(0, value);
  return bits.getBigInt64(0);
}

/** How many float64 numbers lie between a and b; numbers of different sign are compared through zero. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY;
  const ordered = (value: number) =>
    bitsOf(value) < 0n ? -(bitsOf(value) & 0x7fffffffffffffffn) : bitsOf(value);
  const distance = ordered(a) - ordered(b);
  return Number(distance < 0n ? -distance : distance);
}

const within =
  (allowed: number, portable: (x: number) => number, native: (x: number) => number) => (x: number) => {
    const [actual, expected] = [portable(x), native(x)];
    expect(ulps(actual, expected), `f(${x}) = ${actual}, Math says ${expected}`).toBeLessThanOrEqual(allowed);
  };
const reals = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const runs = { numRuns: 2000 };

describe('portable functions', () => {
  // Math's own error is up to 1 ulp as well, so 2 is the most that two good implementations differ by
  it('portableExp is within 2 ulp of Math.exp wherever the result is a normal number', () => {
    const check = within(2, portableExp, Math.exp);
    fc.assert(fc.property(reals(-708, 709.78), check), runs);
    fc.assert(fc.property(reals(-1, 1), check), runs);
    for (const x of [0, -0, 1, -1, Math.LN2, -Math.LN2, Math.LN2 / 2, 1e-300, 5e-324, -5e-324, 709.78])
      check(x);
  });

  it('portableExp ends in infinity and in zero where Math.exp does', () => {
    for (const x of [709.79, 710, 1e9, Infinity]) expect(portableExp(x)).toBe(Infinity);
    for (const x of [-745.2, -746, -1e9, -Infinity]) expect(portableExp(x)).toBe(0);
    expect(portableExp(Number.NaN)).toBeNaN();
    // subnormal results are rounded twice: one step of the smallest number, 2^-1074
    for (const x of [-709, -720, -740, -744.4, -745.1]) within(1, portableExp, Math.exp)(x);
  });

  it('portableLog is within 2 ulp of Math.log for all positive numbers, subnormal ones too', () => {
    const check = within(2, portableLog, Math.log);
    fc.assert(fc.property(reals(5e-324, Number.MAX_VALUE), check), runs);
    fc.assert(fc.property(reals(0.5, 2), check), runs);
    fc.assert(fc.property(reals(2 ** -60, 1), check), runs);
    for (const x of [
      1,
      2,
      Math.E,
      Math.SQRT2,
      1 - 2 ** -53,
      1 + 2 ** -52,
      2 ** -1022,
      2 ** -1074,
      Number.MAX_VALUE,
    ])
      check(x);
    expect(portableLog(1)).toBe(0);
  });

  it('portableLog says so where there is no logarithm', () => {
    for (const x of [-1, -5e-324, -Infinity, Number.NaN]) expect(portableLog(x)).toBeNaN();
    expect([portableLog(0), portableLog(-0), portableLog(Infinity)]).toEqual([
      -Infinity,
      -Infinity,
      Infinity,
    ]);
  });

  it('portableSin and portableCos are within 2 ulp of Math below 2^20, near multiples of pi / 2 too', () => {
    const [sine, cosine] = [within(2, portableSin, Math.sin), within(2, portableCos, Math.cos)];
    const check = (x: number) => {
      sine(x);
      cosine(x);
    };
    fc.assert(fc.property(reals(-(2 ** 20), 2 ** 20), check), runs);
    fc.assert(fc.property(reals(-7, 7), check), runs);
    fc.assert(
      fc.property(fc.integer({ min: -600_000, max: 600_000 }), (n) => check((n * Math.PI) / 2)),
      runs,
    );
    for (const x of [0, -0, 1e-9, 5e-324, Math.PI, -Math.PI, Math.PI / 4, 30 * (Math.PI / 180)]) check(x);
  });

  it('gives the committed bits: what is drawn from a seed depends on every one of them', () => {
    const inputs = [
      -700.5,
      -20,
      -1,
      -0.3,
      -1e-8,
      0,
      1e-8,
      0.1,
      1 / 3,
      0.5,
      1,
      Math.PI / 2,
      2,
      3,
      10,
      100.25,
      700.5,
    ];
    const functions = { portableExp, portableLog, portableSin, portableCos };
    const hex = (value: number) => BigInt.asUintN(64, bitsOf(value)).toString(16).padStart(16, '0');
    const table = Object.entries(functions).map(([name, f]) => [name, inputs.map((x) => [x, hex(f(x))])]);
    const content = `${JSON.stringify(Object.fromEntries(table), null, 1)}\n`;
    expectCommitted('test/golden/portable-math.json', content, 'UPDATE_PORTABLE_MATH');
  });
});
