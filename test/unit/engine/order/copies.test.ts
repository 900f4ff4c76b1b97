import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyedPermutation } from '../../../../src/engine/order/permutation.ts';
import {
  batchesPerEpoch,
  rowsOfBatch,
  rowsPerEpoch,
  type SamplingOptions,
} from '../../../../src/engine/order/sampling.ts';

interface Row {
  readonly id: number;
  readonly occurrence: number;
  readonly samplePosition: number;
  readonly position: number;
}

/** An epoch's rows, batch by batch. */
const epochOf = (options: SamplingOptions, epoch: number): Row[][] =>
  Array.from({ length: batchesPerEpoch(options) }, (_, index) => {
    const { ids, occurrences, samplePositions, firstPosition } = rowsOfBatch(options, epoch, index);
    return Array.from(ids, (id, row) => ({
      id,
      occurrence: occurrences[row] as number,
      samplePosition: samplePositions[row] as number,
      position: firstPosition + row,
    }));
  });

const anySampling = fc
  .record({
    length: fc.integer({ min: 1, max: 150 }),
    samplesOfBatch: fc.integer({ min: 1, max: 9 }),
    seed: fc.maxSafeNat(),
    shuffle: fc.boolean(),
    copies: fc.integer({ min: 2, max: 6 }),
    areViews: fc.boolean(),
  })
  .map(({ samplesOfBatch, copies, areViews, ...order }) => ({
    ...{ ...order, batchSize: samplesOfBatch * copies, dropLast: false, rank: 0, worldSize: 1 },
    ...{ copies, repeats: areViews ? 1 : copies, views: areViews ? copies : 1 },
  }));

const forAny = (check: (options: Sampling, epoch: number) => void) =>
  fc.assert(fc.property(anySampling, fc.nat(3), check));
type Sampling = typeof anySampling extends fc.Arbitrary<infer Value> ? Value : never;

describe('the rows of a sample', () => {
  it('stand in one batch, each once an epoch, and all of them where the batch is whole', () => {
    forAny((options, epoch) => {
      const batches = epochOf(options, epoch);
      const rows = batches.flat();
      expect(rows.length).toBe(rowsPerEpoch(options));
      expect(new Set(rows.map(({ id, occurrence }) => `${id} ${occurrence}`)).size).toBe(rows.length);
      const { copies: count } = options;
      const all = Array.from({ length: count }, (_, k) => k);
      const samples = batches.flatMap((batch) => {
        const isWhole = batch.length === options.batchSize || options.views > 1;
        const ids = new Set(batch.map(({ id }) => id));
        for (const one of ids) {
          const found = batch.filter(({ id }) => id === one).map(({ occurrence }) => occurrence);
          expect(found).toEqual(isWhole ? all : all.slice(0, found.length));
        }
        expect(ids.size).toBe(Math.ceil(batch.length / count));
        return [...ids];
      });
      expect(new Set(samples).size).toBe(samples.length);
    });
  });

  it('are those of the first samples of the epoch’s permutation, as many as there is room for', () => {
    forAny((options, epoch) => {
      const { length, seed, shuffle } = options;
      const order = shuffle ? keyedPermutation(length, seed, epoch) : (position: number) => position;
      const first = epochOf(options, epoch)
        .flat()
        .filter(({ occurrence }) => occurrence === 0);
      expect(first.map(({ id }) => id)).toEqual(first.map((_, place) => order(place)));
      expect(first.length).toBeGreaterThanOrEqual(Math.floor(length / options.repeats));
    });
  });

  it('know where their sample’s first row stands', () => {
    forAny((options, epoch) => {
      const rows = epochOf(options, epoch).flat();
      for (const [place, { id, position, samplePosition }] of rows.entries()) {
        expect(position).toBe(place);
        expect(rows[samplePosition]).toMatchObject({ id, occurrence: 0 });
      }
    });
  });

  it('never stand beside each other, but where no other sample is left for them', () => {
    forAny((options, epoch) => {
      for (const batch of epochOf(options, epoch))
        for (const [row, { id, occurrence }] of batch.entries()) {
          const partner = batch[row ^ 1];
          const isLone = options.views === 1 ? batch.length <= options.repeats : id === batch.at(-1)?.id;
          if (partner === undefined || isLone) continue;
          expect(partner.id).not.toBe(id);
          if (options.views > 1) expect(partner.occurrence).toBe(occurrence);
        }
    });
  });
});

describe('ranks', () => {
  const pairs = fc.record({ ranks: fc.constantFrom(2, 3, 4), pairsOfRank: fc.integer({ min: 1, max: 4 }) });

  it('have together the one stream of any batch, whatever is repeated', () => {
    fc.assert(
      fc.property(anySampling, pairs, fc.nat(3), (drawn, { ranks, pairsOfRank }, epoch) => {
        const { views } = drawn;
        const batchSize = 2 * pairsOfRank * drawn.copies;
        const options = { ...drawn, batchSize };
        const alone = { ...options, batchSize: batchSize * ranks };
        for (let index = 0; index < batchesPerEpoch(alone); index++) {
          const parts = Array.from({ length: ranks }, (_, rank) =>
            rowsOfBatch({ ...options, worldSize: ranks, rank }, epoch, index),
          );
          const whole = rowsOfBatch(alone, epoch, index);
          for (const name of ['ids', 'occurrences', 'samplePositions'] as const)
            expect(parts.flatMap((part) => [...part[name]])).toEqual([...whole[name]]);
          if (views === 1) continue;
          for (const { ids, occurrences } of parts)
            expect(occurrences.filter((view) => view === views - 1).length).toBe(new Set(ids).size);
        }
      }),
    );
  });
});

describe('an epoch', () => {
  const plain = { ...{ length: 12, batchSize: 6, seed: 1, shuffle: false }, dropLast: false };
  const alone = { ...plain, rank: 0, worldSize: 1 };
  const layout = (options: object) =>
    epochOf({ ...alone, ...options }, 0).map((batch) =>
      batch.map(({ id, occurrence }) => `${id}${'abcdef'[occurrence]}`).join(' '),
    );

  it('of repeats keeps its length, and has the copies of a batch’s samples one round after the other', () => {
    expect(layout({ repeats: 3 })).toEqual(['0a 1a 0b 1b 0c 1c', '2a 3a 2b 3b 2c 3c']);
    expect(layout({ repeats: 2, length: 10 })).toEqual(['0a 1a 2a 0b 1b 2b', '3a 4a 3b 4b']);
    // five rows for copies of two samples: the second lacks its last one
    expect(layout({ repeats: 3, length: 11 })).toEqual(['0a 1a 0b 1b 0c 1c', '2a 3a 2b 3b 2c']);
    expect(layout({ repeats: 3, length: 7 })).toEqual(['0a 1a 0b 1b 0c 1c', '2a']);
  });

  it('of views has them all, in blocks of two samples', () => {
    expect(layout({ views: 3, length: 5 })).toEqual(['0a 1a 0b 1b 0c 1c', '2a 3a 2b 3b 2c 3c', '4a 4b 4c']);
    expect(layout({ views: 2, length: 5 })).toEqual(['0a 1a 0b 1b 2a 2b', '3a 4a 3b 4b']);
  });

  it('takes other samples in another epoch', () => {
    const ids = (epoch: number) =>
      new Set(
        epochOf({ ...alone, length: 600, shuffle: true, repeats: 3 }, epoch)
          .flat()
          .map(({ id }) => id),
      );
    expect([...ids(0)].filter((id) => ids(1).has(id)).length).toBeLessThan(100);
  });
});
