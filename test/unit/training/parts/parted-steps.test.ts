import { describe, expect, it } from 'vitest';
import type {
  Contribution,
  PartOptions,
  Trainer,
  TrainerState,
  TrainStepResult,
} from '../../../../src/core/trainer.ts';
import { alone, type Ranks } from '../../../../src/ranks/ranks.ts';
import { inParts, stepMakerOf } from '../../../../src/training/parts/parted-steps.ts';
import { linearTrainer } from '../../../support/linear-trainer.ts';
import { localRanks } from '../../../support/local-ranks.ts';
import { countingTrainer, makeBatch } from '../../../support/trainers.ts';

const PART_ROWS = 2;
const STEPS = 4;
const VALUES = 48;

/** These rows of a step's batch. */
function rowsOfStep(step: number, first: number, rows: number) {
  const valueAt = (i: number) => Math.sin(1000 * step + VALUES * first + i);
  return makeBatch({
    images: Float32Array.from({ length: rows * VALUES }, (_, i) => valueAt(i)),
    shape: [rows, 4, 4, 3],
    labels: Int32Array.from({ length: rows }, (_, row) => (first + row) % 3),
  });
}

interface Made {
  readonly steps: TrainStepResult[];
  readonly state: TrainerState;
}

/** Some steps of `parts` parts by this rank; updates are of two steps. */
async function makeSome(trainer: Trainer, ranks: Ranks, parts: number): Promise<Made> {
  const rank = (PART_ROWS * parts) / ranks.size;
  const rows = { part: PART_ROWS, rank, step: PART_ROWS * parts };
  const maker = stepMakerOf(trainer, { ranks, parts, rows });
  const steps: TrainStepResult[] = [];
  for (let step = 0; step < STEPS; step++) {
    const batch = rowsOfStep(step, ranks.rank * rank, rank);
    const options = { learningRate: 0.1, apply: step % 2 === 1, lossScale: 0.5, step, losses: true };
    steps.push(await maker.trainStep(batch, options));
  }
  return { steps, state: await trainer.state() };
}

const onRanks = (size: number, parts: number, trainerOf = (_rank: number): Trainer => linearTrainer()) =>
  Promise.all(localRanks(size).map((ranks, rank) => makeSome(trainerOf(rank), ranks, parts)));

describe('steps of several parts', () => {
  it.each([1, 2, 4, 8])('are the same on %s ranks as on one, with the losses of all rows', async (size) => {
    const expected = await makeSome(linearTrainer(), alone, 8);
    for (const made of await onRanks(size, 8)) expect(made).toEqual(expected);
    for (const { loss, losses } of expected.steps) {
      expect(losses).toHaveLength(16);
      const mean = (losses as Float32Array).reduce((sum, one) => sum + one, 0) / 16;
      expect(loss).toBeCloseTo(mean, 5);
    }
  });

  it('take no losses that they did not ask for', async () => {
    const { givesLosses: _, ...trainer } = linearTrainer();
    const contribution: Trainer['contribution'] = async (part, options) => ({
      ...((await trainer.contribution?.(part, options)) as Contribution),
      losses: new Float32Array(part.labels.length),
    });
    const maker = stepMakerOf(
      { ...trainer, contribution },
      { ranks: alone, parts: 4, rows: { part: 2, rank: 8, step: 8 } },
    );
    const made = await maker.trainStep(rowsOfStep(0, 0, 8), {
      ...{ learningRate: 0.1, apply: true, lossScale: 1, step: 0 },
    });
    expect(Object.keys(made)).toEqual(['loss']);
  });

  it('are, of one part, those that trainStep makes', async () => {
    const whole = await makeSome(linearTrainer(), alone, 1);
    const { trainStep: _, ...parted } = linearTrainer();
    const trainStep: Trainer['trainStep'] = async (batch, options) => {
      const asked = { ...options, parts: 1, firstRow: 0 };
      const { vector, losses } = (await parted.contribution?.(batch, asked)) ?? {};
      const made = await parted.applySum?.(vector as Float32Array, asked);
      return { ...(made as TrainStepResult), ...(losses && { losses }) };
    };
    expect(await makeSome({ ...parted, trainStep }, alone, 1)).toEqual(whole);
  });

  it('learn of each row where in the step it is, and are others where all rows have the first places', async () => {
    const seen: number[][] = [[], []];
    const optionsOf = (rank: number) => ({
      onPart: ({ firstRow, parts, step }: PartOptions) => step === 0 && seen[rank]?.push(firstRow, parts),
    });
    const [made] = await onRanks(2, 4, (rank) => linearTrainer(optionsOf(rank)));
    expect(seen).toEqual([
      [0, 4, 2, 4],
      [4, 4, 6, 4],
    ]);
    const misplaced = await makeSome(linearTrainer({ firstRowOf: () => 0 }), alone, 4);
    expect(misplaced.state).not.toEqual(made?.state);
  });

  it('are others where parts are added in another order', async () => {
    const expected = await makeSome(linearTrainer(), alone, 4);
    const [zero, one, two, three] = localRanks(4) as [Ranks, Ranks, Ranks, Ranks];
    // parts 1 and 2 change places in the tree
    const order = [zero, { ...two, rank: 1 }, { ...one, rank: 2 }, three].map((ranks) => ({
      ...ranks,
      gather: async (bytes: Uint8Array) => {
        const [a, b, c, d] = await ranks.gather(bytes);
        return [a, c, b, d] as Uint8Array[];
      },
    }));
    const all = await Promise.all(order.map((ranks) => makeSome(linearTrainer(), ranks, 4)));
    expect(all[0]?.steps[0]?.loss).toBeCloseTo(expected.steps[0]?.loss as number, 5);
    expect(all[0]?.state).not.toEqual(expected.state);
  });
});

describe('the exchange of a step', () => {
  /** Lengths of what a rank adds up with others, by step, and whether the trainer was done with the part then. */
  function watched(ranks: Ranks) {
    const sums: { length: number; isEarly: boolean }[] = [];
    let isComputing = false;
    const trainer = linearTrainer();
    const contribution: Trainer['contribution'] = async (part, options) => {
      isComputing = true;
      const given = await (trainer.contribution as NonNullable<Trainer['contribution']>)(part, options);
      isComputing = false;
      return given;
    };
    const sum = (vector: Float32Array) => {
      sums.push({ length: vector.length, isEarly: isComputing });
      return ranks.sum(vector);
    };
    return { trainer: { ...trainer, contribution }, ranks: { ...ranks, sum }, sums };
  }

  it('begins, from the second step on, with what is final while the last part is still computed', async () => {
    const all = localRanks(2).map(watched);
    await Promise.all(all.map(({ trainer, ranks }) => makeSome(trainer, ranks, 4)));
    const late = (length: number) => ({ length, isEarly: false });
    const early = (length: number) => ({ length, isEarly: true });
    for (const { sums } of all) {
      // two stretches as they were told of, what lies between and behind them, the losses
      expect(sums.slice(0, 5)).toEqual([late(4), late(3), late(1), late(1), late(8)]);
      expect(sums.slice(5, 10)).toEqual([early(4), early(3), late(1), late(1), late(8)]);
    }
  });

  it('is of whole vectors where ranks do not tell of the same stretches', async () => {
    const lengths: number[] = [];
    const trainerOf = (rank: number) => linearTrainer(rank === 1 ? { stretches: [[4, 7]] } : {});
    const all = localRanks(2).map(async (ranks, rank) => {
      const sum = (vector: Float32Array) => {
        if (rank === 0) lengths.push(vector.length);
        return ranks.sum(vector);
      };
      return makeSome(trainerOf(rank), { ...ranks, sum }, 2);
    });
    const [made] = await Promise.all(all);
    expect(lengths.slice(0, 2)).toEqual([9, 4]);
    expect(made).toEqual(await makeSome(linearTrainer(), alone, 2));
  });

  it('is refused where the ranks’ vectors are not as long, and says which rank has what', async () => {
    const trainerOf = (rank: number) =>
      linearTrainer({ more: rank === 2 ? 3 : 0, environment: { adapter: rank === 2 ? 'B' : 'A' } });
    const all = localRanks(4).map((ranks, rank) => makeSome(trainerOf(rank), ranks, 4));
    for (const outcome of await Promise.allSettled(all))
      expect(outcome).toMatchObject({
        reason: {
          code: 'RANKS_DIFFER',
          message: expect.stringContaining(
            '\n  ranks 0, 1, 3: 9 values (linear, adapter A)\n  rank 2: 12 values (linear, adapter B)',
          ),
        },
      });
  });
});

describe('a trainer in parts', () => {
  it('must have the methods for it', () => {
    expect(() => inParts(countingTrainer(), 4)).toThrow(
      'counting: this trainer takes whole batches only: it has no contribution() and applySum(), which 4 parts per step (--parts) need',
    );
    const { applySum: _, ...half } = linearTrainer();
    expect(() => inParts(half, 4)).toThrow(expect.objectContaining({ code: 'NO_CONTRIBUTION' }));
  });

  it('gives vectors of one length, and the losses that are asked for', async () => {
    const trainer = linearTrainer();
    const giving = (vector: Float32Array, losses?: Float32Array): Trainer => ({
      ...trainer,
      contribution: async ({ labels }, { firstRow }) => ({
        vector: vector.subarray(firstRow / 2),
        ...(losses && { losses: losses.subarray(0, labels.length) }),
      }),
    });
    await expect(makeSome(giving(new Float32Array(9)), alone, 2)).rejects.toMatchObject({
      ...{ code: 'NO_LOSSES', message: 'linear: contribution must give 2 losses, got none' },
    });
    await expect(makeSome(giving(new Float32Array(9), new Float32Array(2)), alone, 2)).rejects.toMatchObject({
      ...{
        code: 'SUM_LENGTH',
        message: 'linear: contribution must give as many values of each part, 9, got 8',
      },
    });
  });
});
