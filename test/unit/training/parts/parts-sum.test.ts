import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartsSum } from '../../../../src/training/parts/parts-sum.ts';
import { TreeSum } from '../../../support/tree-sum.ts';

const LENGTH = 5;
/** Vectors of 1, 2, 4 ... 32 parts. */
const parts = fc.integer({ min: 0, max: 5 }).chain((power) =>
  fc.array(fc.float32Array({ ...fixed(), noNaN: true, noDefaultInfinity: true }), {
    minLength: 2 ** power,
    maxLength: 2 ** power,
  }),
);
function fixed() {
  return { minLength: LENGTH, maxLength: LENGTH, min: Math.fround(-1e6), max: Math.fround(1e6) };
}

const treeOf = (vectors: readonly Float32Array[]): Float32Array => {
  const tree = new TreeSum();
  for (const vector of vectors) tree.add(vector.slice());
  return tree.take();
};

describe('PartsSum', () => {
  it('has the bits of a tree sum, in memory that has another step’s values', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (vectors) => {
        const total = new Float32Array(LENGTH + 2).fill(7);
        const sum = new PartsSum(vectors.length, LENGTH, total);
        for (const _ of [1, 2]) {
          for (const [part, vector] of vectors.entries()) await sum.add(part, vector);
          expect(total.subarray(0, LENGTH)).toEqual(treeOf(vectors));
        }
        // what lies behind is somebody else's
        expect([...total.subarray(LENGTH)]).toEqual([7, 7]);
      }),
    );
  });

  it('may add the last part stretch by stretch, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 0, max: LENGTH }), async (vectors, cut) => {
        const total = new Float32Array(LENGTH);
        const sum = new PartsSum(vectors.length, LENGTH, total);
        const last = vectors.length - 1;
        for (const [part, vector] of vectors.slice(0, -1).entries()) await sum.add(part, vector);
        await sum.add(last, vectors[last] as Float32Array, cut, LENGTH);
        await sum.add(last, vectors[last] as Float32Array, 0, cut);
        expect(total).toEqual(treeOf(vectors));
      }),
    );
  });

  it('leaves the parts’ own vectors as they are', async () => {
    const vectors = [1, 2, 4, 8].map((value) => Float32Array.of(value));
    const total = new Float32Array(1);
    const sum = new PartsSum(4, 1, total);
    for (const [part, vector] of vectors.entries()) await sum.add(part, vector);
    expect([total[0], vectors.map(([value]) => value)]).toEqual([15, [1, 2, 4, 8]]);
  });

  it('lets timers act while it adds long vectors', async () => {
    const length = 2 ** 20 + 3;
    const total = new Float32Array(length);
    const sum = new PartsSum(1, length, total);
    let beats = 0;
    const beat = setImmediate(() => beats++);
    await sum.add(0, new Float32Array(length).fill(2));
    clearImmediate(beat);
    expect([beats, total.every((value) => value === 2)]).toEqual([1, true]);
  });
});
