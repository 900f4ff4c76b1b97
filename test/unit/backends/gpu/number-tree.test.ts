import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumberTree } from '../../../../backends/gpu/number-tree.ts';

const list = fc.array(fc.constantFrom(0, 1, 2, 0xffffffff), { minLength: 3, maxLength: 3 });

it('finds what was set for equal lists, as a map of their text does', () => {
  const property = fc.property(fc.array(list), fc.array(list), (kept, sought) => {
    const tree = new NumberTree<number>();
    const map = new Map<string, number>();
    for (const [i, numbers] of kept.entries()) {
      tree.set(Uint32Array.of(9, ...numbers, 9), 1, 4, i);
      map.set(numbers.join(), i);
    }
    for (const numbers of [...kept, ...sought]) expect(tree.get(numbers, 0, 3)).toBe(map.get(numbers.join()));
    tree.clear();
    for (const numbers of kept) expect(tree.get(numbers, 0, 3)).toBeUndefined();
  });
  fc.assert(property);
});
