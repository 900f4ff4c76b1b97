import fc from 'fast-check';
import { expect, it } from 'vitest';
import { images, randomResizedCrop } from '../../../src/index.ts';
import { countBatches, type Matrix, variantsOf } from '../../../src/verify/variants.ts';
import { positionsIn, windowsOf } from '../../../src/verify/windows.ts';
import { patternItems } from '../../support/raw-images.ts';

const anyMatrix: fc.Arbitrary<Matrix> = fc
  .record({
    length: fc.integer({ min: 8, max: 60 }),
    batchSize: fc.constantFrom(1, 2, 4, 6, 8),
    seed: fc.nat(1000),
    dropLast: fc.boolean(),
    limit: fc.integer({ min: 1, max: 6 }),
    workers: fc.integer({ min: 1, max: 9 }),
    isMixing: fc.boolean(),
  })
  .map(({ length, batchSize, seed, dropLast, limit, ...rest }) => {
    const options = { batchSize, seed, dropLast };
    const source = { dataset: images(patternItems(length)), steps: [randomResizedCrop(8)], options };
    const batchesPerEpoch = countBatches(source);
    const windows = windowsOf(batchesPerEpoch, limit);
    return {
      ...{ source, windows, batchesPerEpoch, ...rest },
      ...{ hasReference: false, gpu: undefined, sameAs: [source.dataset] },
    };
  });

it('every variant makes every batch that is compared, once and in order', () => {
  fc.assert(
    fc.property(anyMatrix, (matrix) => {
      const { windows, batchesPerEpoch } = matrix;
      for (const { parts } of variantsOf(matrix).filter(({ skip }) => skip === undefined)) {
        expect(
          parts.map((some) => some.flatMap(({ window }) => positionsIn(window, batchesPerEpoch))),
        ).toEqual(windows.map((window) => positionsIn(window, batchesPerEpoch)));
      }
    }),
  );
});

it('ranks share batches evenly, in pairs where MixUp blends them', () => {
  fc.assert(
    fc.property(anyMatrix, (matrix) => {
      const { batchSize } = matrix.source.options;
      for (const { setting } of variantsOf(matrix).flatMap(({ parts }) => parts.flat())) {
        const rows = batchSize / setting.ranks;
        expect(Number.isInteger(rows)).toBe(true);
        if (matrix.isMixing && setting.ranks > 1) expect(rows % 2).toBe(0);
      }
    }),
  );
});

it('stops elsewhere for another seed', () => {
  const [matrix] = fc.sample(anyMatrix, 1) as [Matrix];
  const notes = (seed: number) => {
    const source = { ...matrix.source, options: { batchSize: 2, seed } };
    const batchesPerEpoch = countBatches(source);
    const windows = windowsOf(batchesPerEpoch, batchesPerEpoch);
    return variantsOf({ ...matrix, source, batchesPerEpoch, windows }).map(({ note }) => note);
  };
  expect(notes(1)).toEqual(notes(1));
  expect(new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(notes(seed)))).size).toBeGreaterThan(1);
});
