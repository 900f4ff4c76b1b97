import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addInto } from '../../../src/ranks/add-into.ts';
import { halvings } from '../../../src/ranks/exchange/halvings.ts';
import { TreeSum } from '../../support/tree-sum.ts';

/** All ranks' halvings one step after another, as their messages would do them. */
function sumByHalving(vectors: readonly Float32Array[]): Float32Array {
  const [size, length] = [vectors.length, (vectors[0] as Float32Array).length];
  const plans = vectors.map((_, rank) => halvings(rank, size, length));
  for (let step = 0; step < Math.log2(size); step++) {
    const before = vectors.map((vector) => vector.slice());
    for (const [rank, plan] of plans.entries()) {
      const { peer, keep, give } = plan[step] as (typeof plan)[number];
      expect(plans[peer]?.[step]).toEqual({ peer: rank, keep: give, give: keep });
      const theirs = (before[peer] as Float32Array).subarray(keep.from, keep.to);
      addInto((vectors[rank] as Float32Array).subarray(keep.from, keep.to), theirs);
    }
  }
  const sum = new Float32Array(length);
  for (const [rank, plan] of plans.entries()) {
    const { from, to } = plan.at(-1)?.keep ?? { from: 0, to: length };
    sum.set((vectors[rank] as Float32Array).subarray(from, to), from);
  }
  return sum;
}

describe('halvings', () => {
  it("has the bits of a tree sum over the ranks' vectors, whatever their length", () => {
    const ranks = fc.constantFrom(1, 2, 4, 8, 16);
    const vectors = fc.tuple(ranks, fc.integer({ min: 0, max: 37 })).chain(([size, length]) => {
      const vector = fc.float32Array({
        minLength: length,
        maxLength: length,
        noNaN: true,
        noDefaultInfinity: true,
      });
      return fc.array(vector, { minLength: size, maxLength: size });
    });
    fc.assert(
      fc.property(vectors, (given) => {
        const tree = new TreeSum();
        for (const vector of given) tree.add(vector.slice());
        expect(sumByHalving(given.map((vector) => vector.slice()))).toEqual(tree.take());
      }),
    );
  });
});
