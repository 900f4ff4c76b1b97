import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openOrder } from '../../../../../src/engine/order/samplers/sampler.ts';
import {
  blockShuffle,
  classBalanced,
  classesByRows,
  type Dataset,
  interleave,
  type SamplePick,
  type Sampler,
  weighted,
} from '../../../../../src/index.ts';
import { labelled } from '../../../../support/labelled.ts';

const opened = (sampler: Sampler, dataset: Dataset, { seed = 1, batchSize = 1 } = {}) =>
  openOrder(sampler, { dataset, seed, batchSize });
const epochOf = (sampler: Sampler, dataset: Dataset, epoch = 0, batchSize = 1): SamplePick[] => {
  const order = opened(sampler, dataset, { batchSize });
  return Array.from({ length: order.length }, (_, position) => order.at(position, epoch));
};
const indicesOf = (picks: readonly SamplePick[]) => picks.map(({ index }) => index);
const count = (numbers: readonly number[], of: number): number[] =>
  Array.from({ length: of }, (_, i) => numbers.filter((one) => one === i).length);

/** Sum over what was counted; below the 0.99 quantile (Wilson and Hilferty) the chance of more is above 0.01. */
function isLikely(counts: readonly number[], expected: readonly number[]): boolean {
  const drawn = counts.map((one, i) => ({ one, due: expected[i] as number })).filter(({ due }) => due > 0);
  const square = drawn.reduce((sum, { one, due }) => sum + (one - due) ** 2 / due, 0);
  const freedom = drawn.length - 1;
  const quantile = freedom * (1 - 2 / (9 * freedom) + 2.326348 * Math.sqrt(2 / (9 * freedom))) ** 3;
  return square < quantile;
}

/** Classes of so many samples each, mixed. */
const ofClasses = (...counts: number[]): Dataset => {
  const labels = counts.flatMap((length, label) =>
    Array.from({ length }, (_, i) => ({ label, at: i / length })),
  );
  labels.sort((a, b) => a.at - b.at);
  return labelled(
    labels.length,
    (index) => labels[index]?.label as number,
    counts.map((_, i) => `class ${i}`),
  );
};

const uneven = ofClasses(50, 7, 1, 22);
const several = labelled(20, (index) => [[0], [0, 1], [1, 2], []][index % 4] ?? [], ['a', 'b', 'c']);
const parts = interleave([ofClasses(9, 4), ofClasses(30)], [3, 1], { prefixes: ['a', 'b'] });
const samplers: readonly (readonly [string, Sampler, Dataset, number])[] = [
  ['classBalanced', classBalanced(), uneven, 1],
  ['classBalanced of several labels', classBalanced({ samplesPerEpoch: 90 }), several, 1],
  ['weighted', weighted({ classes: { 'class 0': 1, 'class 1': 5, 'class 2': 9, 'class 3': 0 } }), uneven, 1],
  ['classesByRows', classesByRows(3, 4), uneven, 12],
  ['classesByRows of several labels', classesByRows(2, 3, { samplesPerEpoch: 60 }), several, 6],
  ['blockShuffle', blockShuffle(9, { window: 2 }), uneven, 1],
  ['interleave', parts.sampler, parts.dataset, 1],
];

describe.each(samplers)('%s', (_, sampler, dataset, batchSize) => {
  it('never has a sample twice as the same occurrence, and another order in each epoch', () => {
    const epochs = [0, 1, 1_000_000].map((epoch) => epochOf(sampler, dataset, epoch, batchSize));
    for (const picks of epochs) {
      const names = picks.map(({ index, occurrence }) => `${index} ${occurrence}`);
      expect(new Set(names).size).toBe(picks.length);
    }
    expect(epochs[1]).not.toEqual(epochs[0]);
  });

  it('says the same of a place in any order, and of another seed something else', () => {
    const whole = epochOf(sampler, dataset, 3, batchSize);
    const order = opened(sampler, dataset, { batchSize });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (position) => {
        expect(order.at(position, 3)).toEqual(whole[position]);
      }),
      { numRuns: 30 },
    );
    const other = opened(sampler, dataset, { batchSize, seed: 2 });
    expect(whole.map((_, position) => other.at(position, 3))).not.toEqual(whole);
  });
});

describe('classBalanced', () => {
  it('has as many samples of each class, to one', () => {
    const labels = indicesOf(epochOf(classBalanced(), uneven)).map((index) => uneven.label(index));
    expect(count(labels, 4)).toEqual([20, 20, 20, 20]);
    const odd = epochOf(classBalanced({ samplesPerEpoch: 10 }), uneven);
    expect(count(indicesOf(odd).map(uneven.label), 4)).toEqual([3, 3, 2, 2]);
  });

  it('has no sample a second time before all of its class came once, over epochs too', () => {
    const sampler = classBalanced({ samplesPerEpoch: 40 });
    const first = [0, 1, 2, 3, 4].flatMap((epoch) => indicesOf(epochOf(sampler, uneven, epoch)));
    // 10 of the 50 an epoch, for 5 epochs; 22 twice, and 6 of them
    const times = (label: number) =>
      count(first, uneven.length).filter((_, index) => uneven.label(index) === label);
    expect(times(0).every((one) => one === 1)).toBe(true);
    expect(times(3).toSorted()).toEqual([...Array(16).fill(2), ...Array(6).fill(3)]);
  });

  it('keeps other proportions, and leaves out a class of weight 0', () => {
    const sampler = classBalanced({ weights: { 'class 1': 3, 'class 2': 0 }, samplesPerEpoch: 100 });
    expect(count(indicesOf(epochOf(sampler, uneven)).map(uneven.label), 4)).toEqual([20, 60, 0, 20]);
  });

  it('mixes the classes of a batch as chance does', () => {
    const length = 4000;
    const even = ofClasses(length / 2, length / 2);
    const labels = indicesOf(epochOf(classBalanced(), even)).map(even.label);
    const ofBatch = Array.from({ length: length / 4 }, (_, batch) =>
      labels.slice(4 * batch, 4 * batch + 4).reduce((a, b) => a + b, 0),
    );
    const expected = [1, 4, 6, 4, 1].map((ways) => (ways / 16) * ofBatch.length);
    expect(isLikely(count(ofBatch, 5), expected)).toBe(true);
  });

  it.each([Number.MIN_VALUE, 2 ** -1000, 2 ** 1022])(
    'keeps the proportions of weights times %d',
    (factor) => {
      const byName = (of: number) =>
        Object.fromEntries([1, 2, 3, 0].map((one, i) => [`class ${i}`, one * of]));
      const [plain, far] = [1, factor].map((of) => epochOf(classBalanced({ weights: byName(of) }), uneven));
      expect(far).toEqual(plain);
    },
  );

  it('refuses an epoch that is too short to have each class', () => {
    const short = (options: object, dataset = uneven) => opened(classBalanced(options), dataset);
    expect(short({ samplesPerEpoch: 4 }).length).toBe(4);
    expect(() => short({ samplesPerEpoch: 3 })).toThrow(
      expect.objectContaining({
        code: 'TOO_FEW_SAMPLES',
        message: expect.stringContaining(
          'an epoch of 3 samples is too short to have one of class 3: give more',
        ),
      }),
    );
    expect(() => short({ weights: { 'class 2': 1e-4 } })).toThrow('to have one of class 2');
    expect(short({ weights: { 'class 2': 0 }, samplesPerEpoch: 3 }).length).toBe(3);
  });

  it('counts a sample of several classes in each, and one of none in none', () => {
    const picks = indicesOf(epochOf(classBalanced({ samplesPerEpoch: 3000 }), several));
    expect(picks.some((index) => index % 4 === 3)).toBe(false);
    // a of 10 samples, b of 10, c of 5: all three a third of the epoch
    expect(
      count(
        picks.map((index) => index % 4),
        4,
      ),
    ).toEqual([500, 1000, 1500, 0]);
  });

  it('names what it cannot balance', () => {
    expect(() =>
      opened(
        classBalanced(),
        labelled(3, () => -1, []),
      ),
    ).toThrow('no sample has a class');
    expect(() => opened(classBalanced({ weights: { dog: 2 } }), uneven)).toThrow("the class 'dog'");
    expect(() => classBalanced({ weights: { dog: -1 } })).toThrow(
      'the weight of dog must be a number of 0 or more',
    );
    for (const weights of [null, new Map([['class 0', 2]]), [2, 1]] as object[])
      expect(() => classBalanced({ weights } as object)).toThrow(
        'weights must be an object such as { cat: 2 }',
      );
    expect(() => classBalanced({ samplesPerEpoch: 0 })).toThrow('samplesPerEpoch must be an integer 1..');
    expect(() => classBalanced({ ratio: 1 } as object)).toThrow("unknown option 'ratio'");
  });
});

describe('weighted', () => {
  const weights = [0, 1, 2, 3, 4, 0.5, 10, 1e-9];
  const data = labelled(weights.length, (index) => index % 2, ['cat', 'dog']);

  it.each([1, 2, 3])('draws samples by their weights (chi-square, p > 0.01), seed %i', (seed) => {
    const samplesPerEpoch = 20_000;
    const order = opened(weighted(weights, { samplesPerEpoch }), data, { seed });
    const drawn = Array.from({ length: samplesPerEpoch }, (_, position) => order.at(position, seed).index);
    const sum = weights.reduce((a, b) => a + b, 0);
    const counts = count(drawn, weights.length);
    expect(counts[0]).toBe(0);
    const [few, many] = [counts.slice(0, 7), weights.slice(0, 7).map((one) => (one / sum) * samplesPerEpoch)];
    expect(isLikely(few, many)).toBe(true);
    // of the next epoch as well, and of the two together: no draw is a copy
    const next = Array.from({ length: samplesPerEpoch }, (_, position) => order.at(position, seed + 1).index);
    expect(drawn.filter((one, i) => one === next[i]).length).toBeLessThan(samplesPerEpoch / 2);
  });

  it.each([
    [1e-3, 1e3],
    [Number.MIN_VALUE, 1e-307],
    [1e300, Number.MAX_VALUE],
    [Number.MIN_VALUE, Number.MAX_VALUE],
  ])('never draws a weight of 0, whatever the others are: %d to %d', (min, max) => {
    const some = fc.array(fc.oneof(fc.constant(0), fc.double({ min, max, noNaN: true })), {
      ...{ minLength: 1, maxLength: 12 },
    });
    fc.assert(
      fc.property(some, (list) => {
        fc.pre(list.some((one) => one > 0));
        const order = opened(
          weighted(list, { samplesPerEpoch: 50 }),
          labelled(list.length, () => 0),
        );
        for (let position = 0; position < 50; position++)
          expect(list[order.at(position, 0).index]).toBeGreaterThan(0);
      }),
    );
  });

  it.each([Number.MIN_VALUE, 2 ** -1000, 2 ** 1000])('draws the same of weights times %d', (factor) => {
    const list = [0, 1, 2, 3, 0, 4];
    const data = labelled(list.length, () => 0);
    expect(epochOf(weighted(list.map((one) => one * factor)), data)).toEqual(epochOf(weighted(list), data));
  });

  it('takes weights by key and by class', () => {
    const byKey = Object.fromEntries(weights.map((weight, index) => [data.key(index), weight]));
    expect(epochOf(weighted({ keys: byKey }), data)).toEqual(epochOf(weighted(weights), data));
    const byClass = weighted({ classes: { cat: 3, dog: 1 } });
    expect(epochOf(byClass, data)).toEqual(epochOf(weighted([3, 1, 3, 1, 3, 1, 3, 1]), data));
    expect(epochOf(weighted(Float32Array.from(weights)), data).length).toBe(8);
  });

  it('has the weights in its parameters: by class as they are, others as a digest', () => {
    expect(weighted({ classes: { cat: 3 } }).parameters).toEqual({ weights: { classes: { cat: 3 } } });
    expect(weighted([1, 2]).parameters).toEqual({ weights: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(weighted([1, 2]).parameters).toEqual(weighted(Float64Array.of(1, 2)).parameters);
    expect(weighted([1, 2]).parameters).not.toEqual(weighted([2, 1]).parameters);
  });

  it.each([
    [[1, 2], 'expected 8 weights, one per sample, got 2'],
    [[1, 2, 3, 4, 5, 6, 7, -1], 'the weight of 1/7 must be a number of 0 or more, got -1'],
    [[0, 0, 0, 0, 0, 0, 0, 0], 'must be more than 0'],
    [{ keys: { '0/0': 1 } }, 'the weight of 1/1 must be a number of 0 or more, got undefined'],
    [{ classes: { cat: 1 } }, 'the weight of 1/1'],
    [{ classes: { cat: 1, dog: 1, cow: 1 } }, "the class 'cow'"],
    [{ weights: [] }, 'expected a list of numbers'],
  ])('refuses %j', (wrong, message) => {
    expect(() => opened(weighted(wrong as number[]), data)).toThrow(message);
  });

  it('refuses weights by class of samples that have several', () => {
    expect(() => opened(weighted({ classes: { a: 1, b: 1, c: 1 } }), several)).toThrow(
      expect.objectContaining({ code: 'SEVERAL_LABELS' }),
    );
  });
});

describe('classesByRows', () => {
  it('makes batches of so many classes, and of each class so many samples', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(5),
        (p, k, epoch) => {
          const picks = epochOf(classesByRows(p, k, { samplesPerEpoch: 200 }), uneven, epoch, p * k);
          expect(picks.length).toBe(Math.max(1, Math.floor(200 / (p * k))) * p * k);
          for (let first = 0; first < picks.length; first += p * k) {
            const block = indicesOf(picks.slice(first, first + p * k));
            const runs = Array.from({ length: p }, (_, i) => block.slice(k * i, k * i + k));
            expect(new Set(runs.map((run) => uneven.label(run[0] as number))).size).toBe(p);
            for (const run of runs) {
              const label = uneven.label(run[0] as number);
              expect(run.every((index) => uneven.label(index) === label)).toBe(true);
              expect(new Set(run).size).toBe(Math.min(k, [50, 7, 1, 22][label] as number));
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has all classes equally often (chi-square, p > 0.01), where they do not come out even', () => {
    const five = ofClasses(5, 5, 5, 5, 5);
    const picks = epochOf(classesByRows(3, 2, { samplesPerEpoch: 6000 }), five, 0, 6);
    expect(isLikely(count(indicesOf(picks).map(five.label), 5), Array(5).fill(1200))).toBe(true);
  });

  it('names batches and datasets that it does not fit', () => {
    const open = (batchSize: number) => () => opened(classesByRows(3, 4), uneven, { batchSize });
    expect(open(24)).not.toThrow();
    expect(open(16)).toThrow('a multiple of 3 classes x 4 rows = 12 samples, got 16');
    expect(() => opened(classesByRows(5, 1), uneven, { batchSize: 5 })).toThrow(
      'more than the 4 that have samples',
    );
    expect(() => classesByRows(0, 4)).toThrow('classes must be an integer 1..');
  });
});

describe('blockShuffle', () => {
  it('has every sample once, and those of a window from so many blocks', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), size, size, fc.nat(9), (length, rows, window, epoch) => {
        const picks = indicesOf(
          epochOf(
            blockShuffle(rows, { window }),
            labelled(length, () => 0),
            epoch,
          ),
        );
        expect(picks.toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
        const blocks = picks.map((index) => Math.floor(index / rows));
        const seen = new Set<number>();
        for (let first = 0; first < length; ) {
          // blocks that began to come all end before the window's end
          const due = new Set<number>();
          let end = first;
          while (end < length && (due.has(blocks[end] as number) || due.size < window))
            due.add(blocks[end++] as number);
          for (const block of due) {
            expect(seen.has(block)).toBe(false);
            seen.add(block);
          }
          first = end;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('refuses what it cannot tell apart', () => {
    expect(() =>
      opened(
        blockShuffle(1, { window: 1 }),
        labelled(2 ** 24, () => 0, ['a']),
      ),
    ).toThrow('at most 16777215 windows');
    expect(() => blockShuffle(0.5)).toThrow('rows must be an integer');
  });
});

describe('interleave', () => {
  it('has the datasets in proportion to their weights, each sample in its turn', () => {
    const { dataset, sampler } = interleave([ofClasses(9, 4), ofClasses(30)], [3, 1], {
      ...{ prefixes: ['a', 'b'], samplesPerEpoch: 40 },
    });
    const picks = [0, 1, 2].flatMap((epoch) => indicesOf(epochOf(sampler, dataset, epoch)));
    const times = count(picks, dataset.length);
    // 30 of 13 samples an epoch, and 10 of 30
    expect(times.slice(0, 13).toSorted()).toEqual([6, ...Array(12).fill(7)].toSorted());
    expect(times.slice(13)).toEqual(Array(30).fill(1));
  });

  it('refuses another dataset, and weights that do not fit', () => {
    expect(() => opened(parts.sampler, uneven)).toThrow('its own dataset of 43 samples');
    expect(() => interleave([uneven], [1, 2])).toThrow('expected 1 weights');
    expect(() => interleave([uneven], [0])).toThrow('a weight must be above 0');
    const none = labelled(0, () => 0, ['class 0']);
    expect(() => interleave([uneven, none], [1, 1])).toThrow(
      'labelled(0) has no samples, so its weight must be 0',
    );
    const { dataset, sampler } = interleave([uneven, none], [1, 0]);
    expect(opened(sampler, dataset).length).toBe(80);
    const rare = interleave([uneven, ofClasses(5)], [1000, 1], { prefixes: ['a', 'b'] });
    expect(() => opened(rare.sampler, rare.dataset)).toThrow('too short to have one of labelled(5)');
  });
});

describe('a sampler of one’s own', () => {
  const every = (at: (position: number, epoch: number) => unknown, length: unknown = 4): Sampler =>
    ({ name: 'own', open: () => ({ length, at }) }) as unknown as Sampler;

  it('is asked for what its order needs, and its answers are taken', () => {
    const context: unknown[] = [];
    const sampler: Sampler = {
      name: 'own',
      open: (given) => {
        context.push(given);
        return { length: 2, at: (position) => ({ index: position }) };
      },
    };
    expect(opened(sampler, uneven, { seed: 5, batchSize: 8 }).at(1, 0)).toEqual({ index: 1, occurrence: 0 });
    expect(context).toEqual([{ dataset: uneven, seed: 5, batchSize: 8 }]);
  });

  it('is named where it answers wrongly or fails', () => {
    const at = (answer: unknown) => () =>
      opened(
        every(() => answer),
        uneven,
      ).at(2, 1);
    expect(at({ index: 80 })).toThrow(
      'sampler own: at must return { index, occurrence }, integers of 0 or more, index below 80',
    );
    expect(at({ index: 80 })).toThrow('at position 2 of epoch 1');
    expect(at(undefined)).toThrow('got undefined');
    expect(at({ index: 1, occurrence: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_PICK' }));
    for (const length of [0, 1.5, 2 ** 32, null])
      expect(() =>
        opened(
          every(() => ({ index: 0 }), length),
          uneven,
        ),
      ).toThrow('open must return { length, at }');
    const fault = every(() => {
      throw new TypeError('oh');
    });
    expect(() => opened(fault, uneven).at(0, 0)).toThrow(
      expect.objectContaining({ code: 'SAMPLER_FAILED', name: 'PluginError' }),
    );
  });
});
