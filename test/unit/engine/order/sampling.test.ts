import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { images } from '../../../../src/datasets/memory/images.ts';
import { type BatchRequest, datasetFeed } from '../../../../src/engine/order/feed.ts';
import { batchesPerEpoch, rowsOfBatch, type SamplingOptions } from '../../../../src/engine/order/sampling.ts';
import { patternImage } from '../../../support/raw-images.ts';

const plain: SamplingOptions = {
  length: 10,
  batchSize: 4,
  seed: 1,
  shuffle: true,
  dropLast: false,
  rank: 0,
  worldSize: 1,
};
const anySampling = fc.record({
  length: fc.integer({ min: 1, max: 200 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  worldSize: fc.integer({ min: 1, max: 5 }),
  seed: fc.maxSafeNat(),
  shuffle: fc.boolean(),
  dropLast: fc.boolean(),
});

describe('rowsOfBatch', () => {
  it('cuts the global batch of any number of ranks into their contiguous slices', () => {
    fc.assert(
      fc.property(anySampling, fc.nat(3), (options, epoch) => {
        const global = options.batchSize * options.worldSize;
        const alone = { ...options, batchSize: global, worldSize: 1, rank: 0 };
        for (let index = 0; index * global < options.length; index++) {
          const slices = Array.from({ length: options.worldSize }, (_, rank) =>
            rowsOfBatch({ ...options, rank }, epoch, index),
          );
          expect(slices.flatMap(({ ids }) => [...ids])).toEqual([...rowsOfBatch(alone, epoch, index).ids]);
          for (const [rank, { firstPosition }] of slices.entries())
            expect(firstPosition).toBe(index * global + rank * options.batchSize);
        }
      }),
    );
  });

  it('takes the dataset in its order where shuffle is off', () => {
    expect([...rowsOfBatch({ ...plain, shuffle: false }, 3, 1).ids]).toEqual([4, 5, 6, 7]);
    expect([...rowsOfBatch({ ...plain, shuffle: false }, 3, 2).ids]).toEqual([8, 9]);
  });
});

describe('batchesPerEpoch', () => {
  it('counts exactly the batches that have rows, or with dropLast those that are whole', () => {
    fc.assert(
      fc.property(anySampling, fc.nat(4), (options, anyRank) => {
        const sampling = { ...options, rank: anyRank % options.worldSize };
        const global = options.batchSize * options.worldSize;
        const sizes = Array.from(
          { length: Math.ceil(options.length / global) },
          (_, index) => rowsOfBatch(sampling, 0, index).ids.length,
        );
        const whole = Math.floor(options.length / global);
        const expected = options.dropLast ? whole : sizes.filter((rows) => rows > 0).length;
        if (expected === 0) expect(() => batchesPerEpoch(sampling)).toThrow('no batch would ever come');
        else expect(batchesPerEpoch(sampling)).toBe(expected);
      }),
    );
  });

  it('says why where dropLast leaves nothing', () => {
    expect(() => batchesPerEpoch({ ...plain, length: 3, dropLast: true })).toThrow('dropLast');
  });
});

describe('datasetFeed', () => {
  const dataset = (length: number) =>
    images(Array.from({ length }, (_, i) => ({ image: patternImage(i, 2, 2), key: `k${i}` })));
  const requests = (options: Partial<SamplingOptions>, epochs = 2, start = { epoch: 0, batch: 0 }) => {
    const sampling = { ...plain, ...options };
    const feed = datasetFeed(dataset(sampling.length), sampling, epochs, start);
    const found: BatchRequest[] = [];
    for (let request = feed.next(); request !== undefined; request = feed.next())
      found.push(request as BatchRequest);
    return found;
  };

  it('marks the last batch of each epoch, also on a rank that has no rows in the last global batch', () => {
    // 10 rows in global batches of 4: rank 1 of 2 has nothing in the third
    const coordinates = (rank: number) =>
      requests({ batchSize: 2, worldSize: 2, rank }).map(({ epoch, index, isLastOfEpoch }) => [
        epoch,
        index,
        isLastOfEpoch,
      ]);
    const [no, yes] = [false, true];
    expect(coordinates(0)).toEqual([
      [0, 0, no],
      [0, 1, no],
      [0, 2, yes],
      [1, 0, no],
      [1, 1, no],
      [1, 2, yes],
    ]);
    expect(coordinates(1)).toEqual([
      [0, 0, no],
      [0, 1, yes],
      [1, 0, no],
      [1, 1, yes],
    ]);
  });

  it('refuses a rank that would never get a row, instead of looking for one for ever', () => {
    expect(() => requests({ length: 3, worldSize: 2, rank: 1 }, Infinity)).toThrow('none for rank 1 of 2');
  });

  it('goes on at the start of the next epoch from the end of one', () => {
    const rest = requests({}, 2, { epoch: 0, batch: 3 });
    expect(rest).toEqual(requests({}).slice(3));
    expect(requests({}, 2, { epoch: 2, batch: 0 })).toEqual([]);
  });
});
