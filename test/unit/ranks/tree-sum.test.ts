import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localRanks } from '../../support/local-ranks.ts';
import { TreeSum } from '../../support/tree-sum.ts';

const f32 = Math.fround;
const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

const treeOf = (leaves: readonly Float32Array[]): Float32Array => {
  const tree = new TreeSum();
  for (const leaf of leaves) tree.add(leaf.slice());
  return tree.take();
};

describe('a tree of sums', () => {
  it('adds neighbours first', () => {
    fc.assert(
      fc.property(fc.array(float, { minLength: 4, maxLength: 4 }), (values) => {
        const [a = 0, b = 0, c = 0, d = 0] = values;
        const sum = treeOf(values.map((value) => Float32Array.of(value)));
        expect(sum[0]).toBe(f32(f32(a + b) + f32(c + d)));
      }),
    );
  });

  it('gives the same bits however many ranks the leaves are shared by', async () => {
    const leaves = fc
      .integer({ min: 0, max: 4 })
      .chain((power) => fc.array(float, { minLength: 2 ** power, maxLength: 2 ** power }));
    await fc.assert(
      fc.asyncProperty(leaves, fc.integer({ min: 0, max: 4 }), async (values, power) => {
        const vectors = values.map((value) => Float32Array.of(value, -value, value / 3));
        const size = Math.min(2 ** power, vectors.length);
        const share = vectors.length / size;
        const sums = await Promise.all(
          localRanks(size).map(async (ranks, rank) => {
            const vector = treeOf(vectors.slice(rank * share, (rank + 1) * share));
            await ranks.sum(vector);
            return vector;
          }),
        );
        for (const sum of sums) expect(sum).toEqual(treeOf(vectors));
      }),
    );
  });

  it('refuses a number of leaves that is no power of two', () => {
    expect(() => treeOf([1, 2, 3].map((value) => Float32Array.of(value)))).toThrow('power of two');
    expect(() => treeOf([])).toThrow('power of two');
  });
});
