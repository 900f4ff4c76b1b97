import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import {
  initialLossScale,
  lossScaleTensors,
  nextLossScale,
  rescaledGradients,
} from '../../src/core/loss-scale.ts';
import type {
  PrepareOptions,
  TensorMap,
  Trainer,
  TrainerState,
  TrainStepOptions,
  TrainStepResult,
} from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { createTrainer as createTfjsTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { distanceOf } from '../support/finite-differences.ts';
import { folderOf } from '../support/folders.ts';
import { describeOnGpu, itOnGpu, useOpenGpu } from '../support/gpu.ts';
import { summarize } from '../support/tensor-summary.ts';
import { makeBatch, trainingSettings } from '../support/trainers.ts';

// blocks and features are dropped, and the batch is no multiple of anything
const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 3, finalSurvival: 0.5 });
const rows = 5;
const batchOf = (step: number): Batch =>
  makeBatch({
    images: Float32Array.from({ length: rows * 16 * 16 * 3 }, (_, i) => Math.sin(i + 17 * step)),
    shape: [rows, 16, 16, 3],
    labels: Int32Array.from({ length: rows }, (_, row) => (row + step) % 3),
    mixing: { lambda: 0.7, partnerLabels: Int32Array.from({ length: rows }, (_, row) => row % 3) },
  });
const settings = { ...trainingSettings, optimizer: 'rmsprop', emaDecay: 0.9 } as const;
const preparations = {
  float32: { precision: 'float32' },
  mixed: { precision: 'mixed', lossScaling: { initial: 100, growthInterval: 3 } },
} as const;
const precisions = Object.keys(preparations) as (keyof typeof preparations)[];

useOpenGpu();
const opened: Trainer<EfficientNet>[] = [];
afterEach(async () => {
  for (const trainer of opened.splice(0)) await trainer.close();
});

async function prepare(options: Partial<PrepareOptions>, seed = 4): Promise<Trainer<EfficientNet>> {
  const trainer = createTrainer({ device: 'gpu' });
  opened.push(trainer);
  await trainer.prepare(model, { precision: 'float32', seed, settings, ...options });
  return trainer;
}

/** Micro-steps, of which each second updates the weights. */
async function run(trainer: Trainer<EfficientNet>, from: number, to: number): Promise<TrainStepResult[]> {
  const results: TrainStepResult[] = [];
  for (let step = from; step < to; step++) {
    const options = { learningRate: 0.01, apply: step % 2 === 1, lossScale: 0.5, step, losses: true };
    results.push(await trainer.trainStep(batchOf(step), options));
  }
  return results;
}

describeOnGpu.for(precisions)('a training by the graph in %s', (precision) => {
  it('has the same bits when it is run again', async () => {
    const [first, second] = [await prepare(preparations[precision]), await prepare(preparations[precision])];
    expect(await run(second, 0, 4)).toEqual(await run(first, 0, 4));
    expect(await second.state()).toEqual(await first.state());
    expect(await second.evaluateStep(batchOf(0))).toEqual(await first.evaluateStep(batchOf(0)));
  });

  // between two updates gradients wait, multiplied by the loss scale
  it.for([2, 3])(
    'has the same bits when it is resumed from a checkpoint after %i micro-steps',
    async (stop) => {
      const whole = await prepare(preparations[precision]);
      await run(whole, 0, stop);
      const path = join(folderOf(), 'checkpoint.safetensors');
      await saveCheckpoint(path, { state: await whole.state(), metadata: {} });
      const expected = await run(whole, stop, 8);

      // other weights, and another step, before the checkpoint is loaded
      const resumed = await prepare({ ...preparations[precision] }, 5);
      await resumed.trainStep(batchOf(9), { learningRate: 0.1, apply: false, lossScale: 1, step: 0 });
      await resumed.close();
      await resumed.prepare(model, { ...preparations[precision], seed: 4, settings });
      await resumed.load((await loadCheckpoint(path)).state);
      expect(await run(resumed, stop, 8)).toEqual(expected);
      expect(await resumed.state()).toEqual(await whole.state());
      expect(await resumed.evaluateAverageStep?.(batchOf(0))).toEqual(
        await whole.evaluateAverageStep?.(batchOf(0)),
      );
    },
  );

  it('gives two halves of a loss the weights of one whole', async () => {
    const [whole, halves] = [await prepare(preparations[precision]), await prepare(preparations[precision])];
    const step = { learningRate: 0.01, apply: true, lossScale: 1, step: 0 };
    await whole.trainStep(batchOf(0), step);
    await halves.trainStep(batchOf(0), { ...step, lossScale: 0.5, apply: false });
    await halves.trainStep(batchOf(0), { ...step, lossScale: 0.5 });
    const actual = trainable((await halves.state()).weights);
    const expected = trainable((await whole.state()).weights);
    // in float16 the smallest numbers lose bits when they are halved
    if (precision === 'float32') expect(actual).toEqual(expected);
    else expect(largestDistance(actual, expected)).toBeLessThan(1e-6);
  });
});

itOnGpu(
  'gradients that wait go from either precision into the other with the loss scale of each',
  async () => {
    const [single, mixed] = [await prepare({}), await prepare(preparations.mixed)];
    for (const trainer of [single, mixed]) await run(trainer, 0, 1);
    const [before, scaled] = [await single.state(), await mixed.state()];
    await single.load(scaled);
    await mixed.load(before);
    const [unscaled, multiplied] = [await single.state(), await mixed.state()];
    expect(unscaled.lossScale).toBe(undefined);
    expect(unscaled.gradients).toEqual(rescaledGradients(scaled, 1));
    expect(multiplied.lossScale).toEqual(lossScaleTensors(initialLossScale({ initial: 100 })));
    expect(multiplied.gradients).toEqual(rescaledGradients(before, 100));
    const norm = ({ gradients = {} }: TrainerState) =>
      summarize(gradients['classifier.fc.weight']?.data as Float32Array)[0];
    expect(norm(unscaled) / norm(before)).toBeCloseTo(1, 1);
    expect(norm(multiplied) / norm(scaled)).toBeCloseTo(1, 1);
  },
);

itOnGpu('a state whose loss scale no halving brings back is refused, and costs nothing', async () => {
  const trainer = await prepare(preparations.mixed);
  await run(trainer, 0, 2);
  const before = await trainer.state();
  for (const scale of [Number.POSITIVE_INFINITY, Number.NaN, 0]) {
    const lossScale = lossScaleTensors(initialLossScale({ initial: scale }));
    await expect(trainer.load({ ...before, lossScale })).rejects.toThrow(
      `loss_scale.scale: expected a number above 0, from 2^-126 to 2^127, got ${scale}`,
    );
  }
  expect(await trainer.state()).toEqual(before);
});

itOnGpu('a state of the graph goes to tfjs and back', async () => {
  const first = await prepare({});
  await run(first, 0, 3);
  const state = await first.state();
  const onTfjs = createTfjsTrainer();
  opened.push(onTfjs);
  await onTfjs.prepare(model, { precision: 'float32', seed: 9, settings });
  await onTfjs.load(state);
  const second = await prepare({}, 9);
  await second.load(await onTfjs.state());
  expect(await second.state()).toEqual(state);
  const [[a], [b]] = [await run(second, 3, 4), await run(onTfjs, 3, 4)];
  expect(a?.loss).toBeCloseTo(b?.loss as number, 5);
});

function largestDistance(actual: TensorMap, expected: TensorMap): number {
  const distances = Object.entries(expected).map(([name, { data }]) =>
    distanceOf(Float64Array.from(actual[name]?.data ?? []), Float64Array.from(data)),
  );
  return Math.max(...distances);
}

const trainable = (weights: TensorMap): TensorMap =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => !name.includes('running_')));
const running = (weights: TensorMap): TensorMap =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name.includes('running_')));

describeOnGpu('the loss scale of a training by the graph', () => {
  const step: TrainStepOptions = { learningRate: 0.01, apply: true, lossScale: 1, step: 0 };
  const startAt = async (initial: number, state: TrainerState): Promise<Trainer<EfficientNet>> => {
    const trainer = await prepare({ precision: 'mixed', lossScaling: { initial, growthInterval: 3 } });
    await trainer.load(state);
    return trainer;
  };
  /** Weights and an optimizer that has been at work. */
  const trainedState = async (): Promise<TrainerState> => {
    const trainer = await prepare(preparations.mixed);
    await run(trainer, 0, 2);
    const { lossScale, ...state } = await trainer.state();
    return state;
  };

  it('leaves weights and memory as they are where an update is skipped, but not running statistics', async () => {
    const before = await trainedState();
    const skipping = await startAt(2 ** 24, before);
    const { lossScale } = await skipping.trainStep(batchOf(2), step);
    expect(lossScale).toEqual({ scale: 2 ** 23, skipped: 1, isSkipped: true });
    const after = await skipping.state();
    expect(trainable(after.weights)).toEqual(trainable(before.weights));
    expect(after.optimizer).toEqual(before.optimizer);
    expect(after.gradients).toBe(undefined);

    const updating = await startAt(128, before);
    expect((await updating.trainStep(batchOf(2), step)).lossScale?.isSkipped).toBe(false);
    const { weights } = await updating.state();
    expect(trainable(weights)).not.toEqual(trainable(before.weights));
    expect(running(after.weights)).toEqual(running(weights));
    expect(running(after.weights)).not.toEqual(running(before.weights));
  });

  it('comes down from 2^24 until updates are good, and then grows', async () => {
    const trainer = await startAt(2 ** 24, await trainedState());
    let expected = initialLossScale({ initial: 2 ** 24 });
    const skips: boolean[] = [];
    for (let index = 0; index < 24; index++) {
      const result = await trainer.trainStep(batchOf(index), { ...step, learningRate: 1e-4, step: index });
      const isSkipped = result.lossScale?.isSkipped === true;
      skips.push(isSkipped);
      expected = nextLossScale(expected, isSkipped, 3);
      const { scale, skipped } = expected;
      expect(result.lossScale).toEqual({ scale, skipped, isSkipped });
      expect(Number.isFinite(result.loss)).toBe(true);
    }
    const line = skips.map((isSkipped) => (isSkipped ? '-' : '+')).join('');
    // where it is skipped again depends on the gradients' bits
    expect(line).toMatch(/^-{3,}\+.*\+\+\+/);
    expect(expected.scale).toBeLessThan(2 ** 21);
    const state = await trainer.state();
    expect(state.lossScale).toEqual(lossScaleTensors(expected));
    const other = await startAt(1, state);
    expect((await other.state()).lossScale).toEqual(state.lossScale);
  });

  it('skips an update whose first half has overflown', async () => {
    const before = await trainedState();
    const trainer = await startAt(2 ** 24, before);
    const good = { ...step, lossScale: 2 ** -20 };
    const { lossScale } = await trainer.trainStep(batchOf(2), { ...step, apply: false });
    expect(lossScale).toEqual({ scale: 2 ** 24, skipped: 0, isSkipped: false });
    const result = await trainer.trainStep(batchOf(3), good);
    expect(result.lossScale).toEqual({ scale: 2 ** 23, skipped: 1, isSkipped: true });
    expect(trainable((await trainer.state()).weights)).toEqual(trainable(before.weights));
    // what has overflown is forgotten
    const next = await trainer.trainStep(batchOf(3), good);
    expect(next.lossScale).toEqual({ scale: 2 ** 23, skipped: 1, isSkipped: false });
  });
});
