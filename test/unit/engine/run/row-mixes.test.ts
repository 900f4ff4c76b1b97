import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchRequest, datasetFeed } from '../../../../src/engine/order/feed.ts';
import type { SamplingOptions } from '../../../../src/engine/order/sampling.ts';
import { makePlan } from '../../../../src/engine/plan/plan.ts';
import { type Mixes, rowMixes } from '../../../../src/engine/run/row-mixes.ts';
import { cutmix, decode, images, mix, mixup, normalize, type Step } from '../../../../src/index.ts';
import { patternImage } from '../../../support/raw-images.ts';

const SEED = 11;
const size = { width: 24, height: 16 };
const image = patternImage(1, 1, 1);
const datasetOf = (length: number) =>
  images(Array.from({ length }, (_, i) => ({ image, label: i % 3, key: `${i}` })));

type Order = Partial<SamplingOptions> & { readonly length: number; readonly batchSize: number };

/** What a rank asks for in two epochs, from any batch on. */
async function requestsOf(order: Order, start = { epoch: 0, batch: 0 }): Promise<BatchRequest[]> {
  const whole = { seed: SEED, shuffle: true, dropLast: false, rank: 0, worldSize: 1 };
  const feed = datasetFeed(datasetOf(order.length), { ...whole, ...order }, 2, start);
  const requests: BatchRequest[] = [];
  for (let one = await feed.next(); one !== undefined; one = await feed.next()) requests.push(one);
  return requests;
}

function mixesOf(step: Step, requests: readonly BatchRequest[], of = size): Mixes[] {
  const plan = makePlan([step], { decode: decode(), normalize: normalize() });
  return requests.map(rowMixes(plan, SEED, of) as NonNullable<ReturnType<typeof rowMixes>>);
}

const modes = ['batch', 'pair', 'row'] as const;
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const anyStep = fc
  .record({ prob: probability, switchProb: probability, mode: fc.constantFrom(...modes) })
  .map((options) => mix({ mixup: 0.8, cutmix: 1, ...options }));
const anyOrder = fc
  .record({
    length: fc.integer({ min: 1, max: 40 }),
    samples: fc.integer({ min: 1, max: 5 }),
    repeats: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ length, samples, repeats }) => ({ length, repeats, batchSize: samples * repeats }));

const BATCH = 8;
/** As many samples as give each of four ranks a row, and a batch of two epochs. */
const anyStart = fc.integer({ min: BATCH, max: 40 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    start: fc.record({ epoch: fc.nat(1), batch: fc.nat(Math.ceil(length / BATCH) - 1) }),
  }),
);
const nameOf = (request: BatchRequest | undefined) => `${request?.epoch} ${request?.index}`;

describe('how rows are mixed', () => {
  it('is with another sample in row XOR 1, and not at all where there is none', () =>
    fc.assert(
      fc.asyncProperty(anyOrder, fc.constantFrom(...modes), async (order, mode) => {
        const requests = await requestsOf(order);
        for (const [i, mixes] of mixesOf(mix({ mixup: 1, mode }), requests).entries()) {
          const { rows } = requests[i] as BatchRequest;
          expect(mixes.length).toBe(rows.length);
          for (const [row, drawn] of mixes.entries()) {
            const partner = rows[row ^ 1];
            const isOther = partner !== undefined && partner.id !== rows[row]?.id;
            expect(drawn !== undefined).toBe(isOther);
          }
        }
      }),
    ));

  it('is the same for both rows of a pair in the modes batch and pair', () =>
    fc.assert(
      fc.asyncProperty(anyOrder, fc.constantFrom('batch', 'pair'), async (order, mode) => {
        const options = { mixup: 1, cutmix: 1, prob: 0.7, mode } as const;
        for (const mixes of mixesOf(mix(options), await requestsOf(order))) {
          for (const [row, drawn] of mixes.entries())
            if ((row ^ 1) < mixes.length) expect(mixes[row ^ 1]).toEqual(drawn);
          const different = new Set(mixes.filter((one) => one !== undefined).map((one) => one.lambda));
          if (mode === 'batch') expect(different.size).toBeLessThanOrEqual(1);
        }
      }),
    ));

  it('is drawn for each pair or row in its mode', async () => {
    const requests = await requestsOf({ length: 24, batchSize: 8 });
    const shares = { batch: 6, pair: 24, row: 48 };
    for (const mode of modes) {
      const drawn = mixesOf(mix({ mixup: 1, mode }), requests).flat();
      expect(new Set(drawn.map((one) => one?.lambda)).size).toBe(shares[mode]);
    }
  });

  it('is the same for any number of ranks, and from any batch on', () =>
    fc.assert(
      fc.asyncProperty(anyStep, anyStart, fc.constantFrom(2, 4), async (step, { length, start }, ranks) => {
        const whole = await requestsOf({ length, batchSize: BATCH });
        const parts: { readonly of: string; readonly mixes: Mixes }[] = [];
        for (let rank = 0; rank < ranks; rank++) {
          const order = { length, batchSize: BATCH / ranks, rank, worldSize: ranks };
          const requests = await requestsOf(order, start);
          parts.push(...mixesOf(step, requests).map((mixes, i) => ({ of: nameOf(requests[i]), mixes })));
        }
        const first = whole.findIndex(({ epoch, index }) => epoch === start.epoch && index === start.batch);
        for (const [i, mixes] of mixesOf(step, whole).entries()) {
          const ofRanks = parts.filter(({ of }) => of === nameOf(whole[i])).flatMap((part) => part.mixes);
          expect(ofRanks).toEqual(i < first ? [] : mixes);
        }
      }),
    ));

  it('never happens with prob 0, nor in a batch of one row', async () => {
    const never = mixesOf(mix({ mixup: 1, prob: 0 }), await requestsOf({ length: 20, batchSize: 4 }));
    const alone = mixesOf(mix({ mixup: 1 }), await requestsOf({ length: 5, batchSize: 1 }));
    expect([...never, ...alone].flat().every((drawn) => drawn === undefined)).toBe(true);
  });

  it('leaves the odd last row of a short batch alone', async () => {
    const [, short] = mixesOf(mixup(1), await requestsOf({ length: 11, batchSize: 8 }));
    expect(short?.map((drawn) => drawn !== undefined)).toEqual([true, true, false]);
  });

  it('cuts a share of the mixed units with switchProb, each in its mode', async () => {
    const requests = await requestsOf({ length: 400, batchSize: 8 });
    for (const mode of modes) {
      const options = { mixup: 1, minmax: [0.3, 0.6], switchProb: 0.25, mode } as const;
      const drawn = mixesOf(mix(options), requests).flat();
      expect(drawn.filter((one) => one?.box !== undefined).length / drawn.length).toBeCloseTo(0.25, 1);
    }
  });

  it('of a single pixel is to blend it, to take all of it, or nothing', async () => {
    const requests = await requestsOf({ length: 16, batchSize: 8 });
    const pixel = { width: 1, height: 1 };
    const drawn = (step: Step) => new Set(mixesOf(step, requests, pixel).flat());
    expect(drawn(cutmix())).toEqual(new Set([undefined]));
    const all = { lambda: 0, box: { left: 0, top: 0, width: 1, height: 1 } };
    expect([...drawn(mix({ minmax: [1, 1] }))]).toEqual([all, all, all, all]);
    expect([...drawn(mixup(1))].every((one) => one !== undefined && one.box === undefined)).toBe(true);
  });
});
