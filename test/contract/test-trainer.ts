import { afterEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import { TrainerError } from '../../src/core/errors.ts';
import { randomFor } from '../../src/core/random.ts';
import {
  type NamedTensor,
  optimizers,
  type PrepareOptions,
  type TensorMap,
  type Trainer,
  type TrainingSettings,
  type TrainStepOptions,
} from '../../src/core/trainer.ts';
import { blendedBy } from '../support/blended-by.ts';
import { makeBatch, trainingSettings as settings } from '../support/trainers.ts';
import { testParts } from './test-parts.ts';

/** A trainer under test, and a model of `classes` classes for `size` x `size` images. */
export interface TrainerUnderTest<Model> {
  readonly create: () => Trainer<Model>;
  readonly model: Model;
  /** As `model`, but a step drops some of it: parts of steps are tested with it. Default: `model`. */
  readonly dropping?: Model;
  readonly size: number;
  readonly classes: number;
  /** What it computes in. Default 'float32'. */
  readonly precision?: 'float32' | 'mixed';
  /** Reports the tests as skipped: this machine lacks what the trainer needs. */
  readonly isSkipped?: boolean;
}

const firstStep: TrainStepOptions = { learningRate: 0.05, apply: true, lossScale: 1, step: 0 };

const precisions = {
  float32: { precision: 'float32' },
  mixed: { precision: 'mixed', lossScaling: { initial: 128, growthInterval: 3 } },
} as const satisfies Record<string, Partial<PrepareOptions>>;

/** What every trainer promises, whatever it computes with. */
export function testTrainer<Model>(
  name: string,
  {
    create,
    model,
    dropping,
    size,
    classes,
    precision = 'float32',
    isSkipped = false,
  }: TrainerUnderTest<Model>,
): void {
  describe.skipIf(isSkipped)(`trainer ${name}`, () => {
    const opened: Trainer<Model>[] = [];
    const prepare = async (
      changes: Partial<TrainingSettings> = {},
      seed = 5,
      trained = model,
    ): Promise<Trainer<Model>> => {
      const trainer = create();
      opened.push(trainer);
      await trainer.prepare(trained, {
        ...precisions[precision],
        seed,
        settings: { ...settings, ...changes },
      });
      return trainer;
    };
    afterEach(async () => {
      for (const trainer of opened.splice(0)) await trainer.close();
    });
    /** Classes are told apart by their colour. */
    const batchOf = (rows: number, seed = 0, parts: Partial<Parameters<typeof makeBatch>[0]> = {}): Batch => {
      const rng = randomFor(seed, 0, 0, 0);
      const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
      const values = [...labels].flatMap((label) =>
        Array.from(
          { length: size * size * 3 },
          (_, i) => rng.normal() * 0.3 + (i % 3 === label % 3 ? 1 : -1),
        ),
      );
      return makeBatch({ images: Float32Array.from(values), shape: [rows, size, size, 3], labels, ...parts });
    };

    testParts({
      prepare: (changes) => prepare(changes, 5, dropping) as Promise<Trainer>,
      ...{ batchOf, classes, isDropping: dropping !== undefined },
    });

    it('learns to tell colours apart', async () => {
      const trainer = await prepare({ labelSmoothing: 0 });
      const losses: number[] = [];
      for (let step = 0; step < 25; step++) {
        losses.push((await trainer.trainStep(batchOf(8, step), { ...firstStep, step })).loss);
      }
      expect(losses.at(-1)).toBeLessThan(0.3 * (losses[0] as number));
    });

    it.each(optimizers)('goes on from a saved state with %s as if it had not stopped', async (optimizer) => {
      const trainer = await prepare({ optimizer });
      const rate = { learningRate: 0.01 };
      await trainer.trainStep(batchOf(4), { ...firstStep, ...rate });
      const state = await trainer.state();
      const next = { ...firstStep, ...rate, step: 1 };
      const result = await trainer.trainStep(batchOf(4, 1), next);

      const other = await prepare({ optimizer });
      await other.load(state);
      expect(await other.trainStep(batchOf(4, 1), next)).toEqual(result);
      expect(await other.state()).toEqual(await trainer.state());
    });

    it('starts from the same weights with the same seed, from others with another', async () => {
      const [first, second, third] = [await prepare(), await prepare(), await prepare({}, 6)];
      const weights = (await first.state()).weights;
      expect((await second.state()).weights).toEqual(weights);
      expect((await third.state()).weights).not.toEqual(weights);
    });

    it('only accumulates gradients until it is told to apply them', async () => {
      const trainer = await prepare();
      const before = await trainableWeights(trainer);
      await trainer.trainStep(batchOf(4), { ...firstStep, apply: false });
      expect(await trainableWeights(trainer)).toEqual(before);
      await trainer.trainStep(batchOf(4), firstStep);
      expect(await trainableWeights(trainer)).not.toEqual(before);
    });

    it('adds up the same batch in two halves of its loss as in one whole', async () => {
      // the same batch twice: its statistics, and so its gradients, do not depend on how it is cut
      const whole = await prepare();
      await whole.trainStep(batchOf(4), firstStep);
      const halves = await prepare();
      await halves.trainStep(batchOf(4), { ...firstStep, lossScale: 0.25, apply: false });
      await halves.trainStep(batchOf(4), { ...firstStep, lossScale: 0.75 });
      // a quarter of the gradients and three of them are rounded apart
      const tolerance = precision === 'mixed' ? 5e-4 : 1e-5;
      expectClose(await trainableWeights(halves), await trainableWeights(whole), tolerance);
    });

    it('goes on between two updates as if it had not stopped', async () => {
      const half = { ...firstStep, lossScale: 0.5 };
      const trainer = await prepare();
      await trainer.trainStep(batchOf(4), { ...half, apply: false });
      const other = await prepare({}, 6);
      await other.load(await trainer.state());
      for (const one of [trainer, other]) await one.trainStep(batchOf(4, 1), { ...half, step: 1 });
      expect(await other.state()).toEqual(await trainer.state());
    });

    it('averages the weights after every step, also after one that only accumulates', async ({ skip }) => {
      const emaDecay = 0.15;
      const trainer = await prepare({ emaDecay });
      if (trainer.evaluateAverageStep === undefined) return skip('the trainer keeps no average');
      let expected = (await trainer.state()).weights;
      for (const step of [0, 1, 2]) {
        await trainer.trainStep(batchOf(4, step), { ...firstStep, step, apply: step > 0 });
        const { weights, average } = await trainer.state();
        expected = blend(expected, weights, Math.min(emaDecay, (1 + step) / (10 + step)));
        expectClose(average as TensorMap, expected);
      }
      const state = await trainer.state();
      const [resumed, plain] = [await prepare({ emaDecay }, 6), await prepare()];
      await resumed.load(state);
      expect(await resumed.state()).toEqual(state);
      await plain.load({ weights: state.average as TensorMap, optimizer: {} });
      const { lossSum, top5 } = await trainer.evaluateAverageStep(batchOf(6));
      const expectedResult = await plain.evaluateStep(batchOf(6));
      expect(top5).toBe(expectedResult.top5);
      expect(lossSum).toBeCloseTo(expectedResult.lossSum, 4);
      expect(Math.abs(lossSum - (await trainer.evaluateStep(batchOf(6))).lossSum)).toBeGreaterThan(0.01);
    });

    it('reports the mean loss without the scale of the gradients', async () => {
      const [plain, scaled] = [await prepare(), await prepare()];
      const { loss } = await plain.trainStep(batchOf(4), firstStep);
      expect((await scaled.trainStep(batchOf(4), { ...firstStep, lossScale: 0.125 })).loss).toBeCloseTo(
        loss,
        6,
      );
    });

    it('tells the loss of each row when asked, and does everything else as it would', async ({ skip }) => {
      const [plain, asked] = [await prepare(), await prepare()];
      skip(asked.givesLosses !== true);
      const { loss } = await plain.trainStep(batchOf(5), firstStep);
      const result = await asked.trainStep(batchOf(5), { ...firstStep, losses: true });
      expect(result.loss).toBe(loss);
      expect(await asked.state()).toEqual(await plain.state());
      const losses = result.losses as Float32Array;
      expect(losses).toBeInstanceOf(Float32Array);
      expect(losses.length).toBe(5);
      expect(losses.reduce((sum, one) => sum + one, 0) / 5).toBeCloseTo(loss, 5);
    });

    it.for([
      { labelSmoothing: 0, shares: [1, 1, 1, 1] },
      { labelSmoothing: 0.1, shares: [1, 1, 1, 1] },
      { labelSmoothing: 0, shares: [0.3, 0.3, 0.3, 0.3] },
      { labelSmoothing: 0.2, shares: [0.6, 1, 0.25, 0.9] },
    ])('tells of each row the cross-entropy of its own target: %o', async (target, { skip }) => {
      const { labelSmoothing, shares } = target;
      // no weight changes: what differs is the targets
      const step = { ...firstStep, apply: false, lossScale: 0.125, losses: true };
      const losses = async (trainer: Trainer<Model>, parts: Partial<Parameters<typeof makeBatch>[0]>) =>
        (await trainer.trainStep(batchOf(4, 0, parts), step)).losses as Float32Array;
      const sharp = await prepare({ labelSmoothing: 0 });
      skip(sharp.givesLosses !== true);
      // [class][row]: with one class for target, the loss is -log of the probability that the row has of it
      const surprises: Float32Array[] = [];
      for (let c = 0; c < classes; c++)
        surprises.push(await losses(sharp, { labels: new Int32Array(4).fill(c) }));

      const { labels } = batchOf(4);
      const partnerLabels = labels.map((label) => (label + 1) % classes);
      const smooth = await prepare({ labelSmoothing });
      const isMixed = shares.some((share) => share < 1);
      const actual = await losses(smooth, isMixed ? { mixing: blendedBy(shares, partnerLabels) } : {});
      for (const [row, label] of labels.entries()) {
        const surprise = (c: number) => surprises[c]?.[row] as number;
        const total = surprises.reduce((sum, _, c) => sum + Math.exp(-surprise(c)), 0);
        expect(total).toBeCloseTo(1, 5);
        const mean = surprises.reduce((sum, _, c) => sum + surprise(c) / classes, 0);
        const share = shares[row] as number;
        const mixed = share * surprise(label) + (1 - share) * surprise(partnerLabels[row] as number);
        expect(actual[row]).toBeCloseTo((1 - labelSmoothing) * mixed + labelSmoothing * mean, 5);
      }
    });

    it('weighs rows by their classes, in losses and gradients, and not in evaluation', async ({ skip }) => {
      const classWeights = Array.from({ length: classes }, (_, c) => 1 + c);
      const plain = await prepare({ labelSmoothing: 0 });
      skip(plain.weighsClasses !== true);
      const weighed = await prepare({ labelSmoothing: 0, classWeights });
      const batch = batchOf(4, 0, { labels: new Int32Array(4).fill(1) });
      expect(await weighed.evaluateStep(batch)).toEqual(await plain.evaluateStep(batch));
      const step = { ...firstStep, losses: true };
      const expected = await plain.trainStep(batch, step);
      const actual = await weighed.trainStep(batch, { ...step, lossScale: 0.5 });
      expect(actual.loss).toBeCloseTo(2 * expected.loss, 5);
      for (const [row, loss] of expected.losses?.entries() ?? [])
        expect(actual.losses?.[row]).toBeCloseTo(2 * loss, 5);
      expectClose((await weighed.state()).weights, (await plain.state()).weights);
    });

    it('leaves everything as it is in evaluation', async () => {
      const trainer = await prepare();
      const before = await trainer.state();
      const result = await trainer.evaluateStep(batchOf(6));
      expect(await trainer.evaluateStep(batchOf(6))).toEqual(result);
      expect(await trainer.state()).toEqual(before);
      expect(result.rows).toBe(6);
      expect(result.top1).toBeLessThanOrEqual(result.top5);
      expect(result.lossSum).toBeGreaterThan(0);
      if (result.predictions !== undefined) {
        const { labels } = batchOf(6);
        const right = Array.from(result.predictions).filter((prediction, row) => prediction === labels[row]);
        expect([result.predictions.length, right.length]).toEqual([6, result.top1]);
      }
    });

    it('evaluates a row alike in whichever batch it stands', async () => {
      const trainer = await prepare();
      const whole = await trainer.evaluateStep(batchOf(4));
      let lossSum = 0;
      const pixels = size * size * 3;
      for (let row = 0; row < 4; row++) {
        const images = (batchOf(4).images as Float32Array).slice(row * pixels, (row + 1) * pixels);
        const labels = Int32Array.of(row % classes);
        lossSum += (await trainer.evaluateStep(makeBatch({ images, shape: [1, size, size, 3], labels })))
          .lossSum;
      }
      expect(lossSum).toBeCloseTo(whole.lossSum, 4);
    });

    it('predicts the logits that it evaluates, if it predicts', async ({ skip }) => {
      const trainer = await prepare();
      skip(trainer.predict === undefined);
      const batch = batchOf(3);
      const logits = (await trainer.predict?.(batch)) as Float32Array;
      expect(logits.length).toBe(3 * classes);
      const losses = [...batch.labels].map((label, row) => {
        const values = [...logits.subarray(row * classes, (row + 1) * classes)];
        return Math.log(values.reduce((sum, x) => sum + Math.exp(x), 0)) - (values[label] as number);
      });
      const { lossSum } = await trainer.evaluateStep(batch);
      expect(losses.reduce((sum, loss) => sum + loss, 0)).toBeCloseTo(lossSum, 5);
      // what is to be classified has no label
      const unknown = batchOf(3, 0, {
        images: batch.images as Float32Array,
        labels: Int32Array.of(-1, -1, -1),
      });
      expect(await trainer.predict?.(unknown)).toEqual(logits);
    });

    it('reads float16 as it reads the same numbers in float32', async () => {
      const trainer = await prepare();
      // eighths are exact in float16
      const images = (batchOf(4).images as Float32Array).map((value) => Math.round(value * 8) / 8);
      const single = await trainer.evaluateStep(batchOf(4, 0, { images }));
      expect(await trainer.evaluateStep(batchOf(4, 0, { images, dtype: 'float16' }))).toEqual(single);
    });

    it('reads nchw as it reads the same images in nhwc', async () => {
      const trainer = await prepare();
      const batch = batchOf(4);
      const planes = toPlanes(batch.images as Float32Array, size * size);
      const shape = [4, 3, size, size] as const;
      const result = await trainer.evaluateStep(batchOf(4, 0, { images: planes, shape, layout: 'nchw' }));
      expect(result).toEqual(await trainer.evaluateStep(batch));
    });

    it('mixes targets by lambda', async () => {
      const [own, partner, mixed] = [await prepare(), await prepare(), await prepare()];
      const { labels } = batchOf(4);
      const partnerLabels = labels.map((label) => (label + 1) % classes);
      const loss = async (trainer: Trainer<Model>, parts: Partial<Parameters<typeof makeBatch>[0]>) =>
        (await trainer.trainStep(batchOf(4, 0, parts), firstStep)).loss;
      const [a, b] = [await loss(own, {}), await loss(partner, { labels: partnerLabels })];
      const both = await loss(mixed, { mixing: blendedBy(0.3, partnerLabels) });
      expect(both).toBeCloseTo(0.3 * a + 0.7 * b, 5);
    });

    it.each([-1, classes])('names the row whose label is %i', async (label) => {
      const trainer = await prepare();
      const labels = Int32Array.of(0, 0, label, 0);
      await expect(trainer.trainStep(batchOf(4, 0, { labels }), firstStep)).rejects.toThrow(
        /row 2: label must be/,
      );
      await expect(trainer.evaluateStep(batchOf(4, 0, { labels }))).rejects.toThrow(TrainerError);
    });

    it('names the tensor that does not fit when a state is loaded, and keeps its own', async () => {
      const trainer = await prepare();
      const before = await trainer.state();
      const [name, tensor] = Object.entries(before.weights).at(-1) as [string, NamedTensor];
      const wrong: TensorMap = { ...before.weights, [name]: { shape: [99], data: new Float32Array(99) } };
      const escaped = name.replaceAll('.', '\\.');
      await expect(trainer.load({ weights: wrong, optimizer: {} })).rejects.toThrow(
        new RegExp(`${escaped}.*99`),
      );
      const { [name]: _, ...incomplete } = before.weights;
      await expect(trainer.load({ weights: incomplete, optimizer: {} })).rejects.toThrow(
        new RegExp(`${escaped}: missing`),
      );
      expect((await trainer.state()).weights[name]).toEqual(tensor);
    });

    it('refuses to work before prepare and after close', async () => {
      await expect(create().trainStep(batchOf(2), firstStep)).rejects.toThrow(TrainerError);
      const trainer = await prepare();
      await trainer.close();
      await expect(trainer.evaluateStep(batchOf(2))).rejects.toThrow(TrainerError);
      await trainer.close();
    });
  });
}

/** Weights without running statistics, which follow every batch. */
async function trainableWeights<Model>(trainer: Trainer<Model>): Promise<TensorMap> {
  const { weights } = await trainer.state();
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !name.includes('running_')));
}

/** m a + (1 - m) b. */
function blend(a: TensorMap, b: TensorMap, m: number): TensorMap {
  const entries = Object.entries(a).map(([name, { shape, data }]) => [
    name,
    {
      shape,
      data: data.map((value, i) => m * value + (1 - m) * ((b[name] as NamedTensor).data[i] as number)),
    },
  ]);
  return Object.fromEntries(entries);
}

function expectClose(actual: TensorMap, expected: TensorMap, tolerance = 1e-5): void {
  for (const [name, { data }] of Object.entries(expected)) {
    const other = actual[name] as NamedTensor;
    const error = data.reduce(
      (worst, value, i) => Math.max(worst, Math.abs(value - (other.data[i] as number))),
      0,
    );
    expect(error, name).toBeLessThan(tolerance);
  }
}

/** [n, h, w, 3] as [n, 3, h, w]. */
function toPlanes(images: Float32Array, pixels: number): Float32Array {
  return images.map((_, i) => {
    const [image, rest] = [Math.floor(i / (pixels * 3)), i % (pixels * 3)];
    return images[(image * pixels + (rest % pixels)) * 3 + Math.floor(rest / pixels)] as number;
  });
}
