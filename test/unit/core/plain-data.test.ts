import { describe, expect, it } from 'vitest';
import { freezePlain } from '../../../src/core/plain-data.ts';

describe('freezePlain', () => {
  it('freezes lists and objects all the way down', () => {
    const value = {
      parts: [{ name: 'rotate', degrees: 12, isOn: true }],
      none: null,
      table: new Uint8Array(2),
    };
    expect(freezePlain(value)).toBeUndefined();
    expect(() => (value.parts[0] as { degrees: number }).degrees++).toThrow(TypeError);
    expect(() => value.parts.pop()).toThrow(TypeError);
  });

  it.each([
    [() => 3, 'a function'],
    [{ parts: [1, 2n] }, 'a bigint as parts.1'],
    [{ at: new Date(0) }, 'a Date as at'],
    [{ seen: new Set() }, 'a Set as seen'],
    [{ later: Promise.resolve() }, 'a Promise as later'],
    [Symbol('s'), 'a symbol'],
    [Object.create(Object.create(null)), 'a nameless object'],
  ])('finds what is not plain: %o', (value, found) => {
    expect(freezePlain(value)).toBe(found);
  });

  it('goes round no circle for ever', () => {
    const circle: Record<string, object> = {};
    for (const name of ['a', 'b', 'c', 'd']) circle[name] = circle;
    expect(freezePlain(circle)).toMatch(/^more than 16 levels as a\.a\.a/);
  });
});
