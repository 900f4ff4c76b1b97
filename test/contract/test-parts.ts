import { expect, it, type TestContext } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import { partsOf } from '../../src/core/batch-part.ts';
import { TrainerError } from '../../src/core/errors.ts';
import {
  optimizers,
  type PartOptions,
  type Trainer,
  type TrainerState,
  type TrainingSettings,
  type TrainStepOptions,
  type TrainStepResult,
} from '../../src/core/trainer.ts';
import { blendedBy } from '../support/blended-by.ts';
import { contribute, type PartTrainer, stepOfTrainers } from '../support/steps-of-trainers.ts';
import type { BatchParts } from '../support/trainers.ts';
import { TreeSum } from '../support/tree-sum.ts';

/** How the suite of all trainers opens one, and makes a batch for it. */
export interface PartsUnderTest {
  readonly prepare: (changes?: Partial<TrainingSettings>) => Promise<Trainer>;
  readonly batchOf: (rows: number, seed?: number, parts?: Partial<BatchParts>) => Batch;
  readonly classes: number;
  /** Whether the model has something that a step drops. */
  readonly isDropping: boolean;
}

const rate = { learningRate: 0.05, lossScale: 1, apply: true } as const;
/** Of four steps that make two updates. */
const stepOptions = (step: number): TrainStepOptions => ({
  ...{ learningRate: 0.05 / (step + 1), lossScale: 0.5, step },
  apply: step % 2 === 1,
});
const steps = [0, 1, 2, 3];

/** What a trainer promises that has `contribution` and `applySum`; of others the tests are skipped. */
export function testParts({ prepare, batchOf, classes, isDropping }: PartsUnderTest): void {
  const open = async (
    skip: TestContext['skip'],
    changes: Partial<TrainingSettings> = {},
  ): Promise<PartTrainer> => {
    const trainer = await prepare(changes);
    skip(trainer.contribution === undefined, 'the trainer does not train in parts');
    // not every trainer keeps an average
    return (
      trainer.evaluateAverageStep ? await prepare({ emaDecay: 0.9, ...changes }) : trainer
    ) as PartTrainer;
  };
  const mixed = (rows: number, seed: number): Batch => {
    const { labels } = batchOf(rows);
    const partnerLabels = labels.map((label) => (label + 1) % classes);
    return batchOf(rows, seed, { mixing: blendedBy(0.3, partnerLabels) });
  };

  it.for(optimizers)(
    'makes of one part the step that trainStep makes, bit for bit, with %s',
    async (optimizer, { skip }) => {
      const [whole, inParts] = [await open(skip, { optimizer }), await open(skip, { optimizer })];
      for (const step of steps) {
        const options = stepOptions(step);
        const expected = inVector(await whole.trainStep(batchOf(4, step), options));
        expect(await stepOfTrainers([inParts], batchOf(4, step), 1, options)).toEqual([expected]);
        // gradients that wait are a part of it
        expect(await inParts.state()).toEqual(await whole.state());
      }
    },
  );

  it('takes the mean of its parts', async ({ skip }) => {
    const [whole, inParts] = [await open(skip), await open(skip)];
    const options = { ...rate, step: 0 };
    const sum = new TreeSum();
    for (let part = 0; part < 4; part++)
      sum.add(await contribute(inParts, batchOf(4), { ...options, parts: 4, firstRow: 0 }));
    const expected = inVector(await whole.trainStep(batchOf(4), options));
    expect(await inParts.applySum(sum.take(), { ...options, parts: 4 })).toEqual(expected);
    expect(await inParts.state()).toEqual(await whole.state());
  });

  it('has one state whichever trainers compute the parts, with MixUp', async ({ skip }) => {
    const alone = [await open(skip)];
    const ranks = [await open(skip), await open(skip)];
    for (const step of steps) {
      const [batch, options] = [mixed(8, step), stepOptions(step)];
      const [expected] = await stepOfTrainers(alone, batch, 4, options);
      expect(await stepOfTrainers(ranks, batch, 4, options)).toEqual([expected, expected]);
    }
    const [state] = await statesOf(alone);
    expect(await statesOf(ranks)).toEqual([state, state]);
  });

  it('gives a part the targets of its own rows', async ({ skip }) => {
    const trainer = await open(skip);
    const { labels } = batchOf(8);
    const partnerLabels = labels.map((label) => (label + 1) % classes);
    const lossesOf = async (parts: Partial<BatchParts>) => {
      const losses: number[] = [];
      for (const part of partsOf(batchOf(8, 0, parts), 2)) {
        const vector = await contribute(trainer, part, { ...rate, step: 0, parts: 4, firstRow: 0 });
        losses.push(vector.at(-1) as number);
      }
      return losses;
    };
    const [own, partner] = [await lossesOf({}), await lossesOf({ labels: partnerLabels })];
    const both = await lossesOf({ mixing: blendedBy(0.3, partnerLabels) });
    const expected = own.map((loss, part) => 0.3 * loss + 0.7 * (partner[part] as number));
    expect(both).toEqual(expected.map((loss) => expect.closeTo(loss, 5)));
    expect(new Set(both).size).toBe(4);
  });

  it('changes nothing of its state by a contribution', async ({ skip }) => {
    const [plain, asked] = [await open(skip), await open(skip)];
    for (const trainer of [plain, asked]) await trainer.trainStep(batchOf(4), stepOptions(0));
    const before = await asked.state();
    await contribute(asked, batchOf(4, 7), { ...stepOptions(1), parts: 2, firstRow: 0 });
    expect(await asked.state()).toEqual(before);
    const next = [plain, asked].map((trainer) => trainer.trainStep(batchOf(4, 1), stepOptions(1)));
    const [expected, actual] = await Promise.all(next);
    expect(actual).toEqual(expected);
    expect(await asked.state()).toEqual(await plain.state());
  });

  it('drops by the place that a row has in its step', async ({ skip }) => {
    skip(!isDropping, 'the model drops nothing');
    const trainer = await open(skip);
    const at = (firstRow: number) =>
      contribute(trainer, batchOf(4), { ...rate, step: 0, parts: 2, firstRow });
    const first = await at(0);
    expect(await at(4)).not.toEqual(first);
    expect(await at(0)).toEqual(first);
  });

  it('tells the loss of each row of a part when asked, beside the same vector', async ({ skip }) => {
    const trainer = await open(skip);
    skip(trainer.givesLosses !== true);
    const options = { ...rate, step: 0, parts: 2, firstRow: 4 };
    const plain = await contribute(trainer, batchOf(4), options);
    const { vector, losses } = await trainer.contribution(batchOf(4), { ...options, losses: true });
    expect(vector).toEqual(plain);
    expect(losses).toBeInstanceOf(Float32Array);
    expect(losses?.length).toBe(4);
    expect((losses as Float32Array).reduce((sum, one) => sum + one, 0) / 4).toBeCloseTo(
      vector.at(-1) as number,
      5,
    );
  });

  it('has the values final of which it says so, each once', async ({ skip }) => {
    const trainer = await open(skip);
    const told: { readonly from: number; readonly values: Float32Array }[] = [];
    const onReady: PartOptions['onReady'] = (vector, from, to) => {
      told.push({ from, values: vector.slice(from, to) });
    };
    const { vector } = await trainer.contribution(batchOf(4), {
      ...rate,
      step: 0,
      parts: 2,
      firstRow: 0,
      onReady,
    });
    const places = told.flatMap(({ from, values }) => Array.from(values, (_, i) => from + i));
    expect(new Set(places).size).toBe(places.length);
    for (const { from, values } of told) expect(values).toEqual(vector.slice(from, from + values.length));
  });

  it('refuses a sum of another length, or of parts that are no power of two, and keeps its state', async ({
    skip,
  }) => {
    const trainer = await open(skip);
    const options = { ...rate, step: 0, parts: 2 };
    const { length } = await contribute(trainer, batchOf(4), { ...options, firstRow: 0 });
    const before = await trainer.state();
    const expectRefused = async (given: number, parts: number, message: string) => {
      const refused = trainer.applySum(new Float32Array(given), { ...options, parts });
      await expect(refused).rejects.toBeInstanceOf(TrainerError);
      await expect(refused).rejects.toMatchObject({
        code: 'SUM_MISMATCH',
        message: expect.stringContaining(`applySum: ${message}`),
      });
    };
    for (const given of [length - 1, length + 1])
      await expectRefused(given, 2, `expected a sum of ${length} values, got ${given}`);
    await expectRefused(length, 3, 'parts must be a power of two, got 3');
    expect(await trainer.state()).toEqual(before);
  });

  it('refuses parts after close', async ({ skip }) => {
    const trainer = await open(skip);
    await trainer.close();
    const options = { ...rate, step: 0, parts: 1, firstRow: 0 };
    await expect(trainer.contribution(batchOf(4), options)).rejects.toThrow(TrainerError);
    await expect(trainer.applySum(new Float32Array(1), options)).rejects.toThrow(TrainerError);
  });
}

/** A loss is summed in float32. */
const inVector = ({ loss, ...others }: TrainStepResult): TrainStepResult => ({
  ...others,
  loss: Math.fround(loss),
});

const statesOf = (trainers: readonly Trainer[]): Promise<TrainerState[]> =>
  Promise.all(trainers.map((trainer) => trainer.state()));
