import { expect, it } from 'vitest';
import {
  initialLossScale,
  lossScaleTensors,
  nextLossScale,
  rescaledGradients,
} from '../../src/core/loss-scale.ts';
import type { PrepareOptions, TrainerState, TrainStepOptions } from '../../src/core/trainer.ts';
import type { GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { describeOnGpu, itOnGpu, useOpenGpu } from '../support/gpu.ts';
import { mixed, useTrainers } from '../support/graph-devices.ts';
import { batchOf, model, run, running, settings, trainable } from '../support/graph-training.ts';
import { summarize } from '../support/tensor-summary.ts';

useOpenGpu();
const open = useTrainers();
const prepare = (options: Partial<PrepareOptions>): Promise<GraphTrainer> =>
  open(model, { seed: 4, settings, ...options });

itOnGpu(
  'gradients that wait go from either precision into the other with the loss scale of each',
  async () => {
    const [single, scaling] = [await prepare({}), await prepare(mixed)];
    for (const trainer of [single, scaling]) await run(trainer, 0, 1);
    const [before, scaled] = [await single.state(), await scaling.state()];
    await single.load(scaled);
    await scaling.load(before);
    const [unscaled, multiplied] = [await single.state(), await scaling.state()];
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
  const trainer = await prepare(mixed);
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

describeOnGpu('the loss scale of a training by the graph', () => {
  const step: TrainStepOptions = { learningRate: 0.01, apply: true, lossScale: 1, step: 0 };
  const startAt = async (initial: number, state: TrainerState): Promise<GraphTrainer> => {
    const trainer = await prepare({ precision: 'mixed', lossScaling: { initial, growthInterval: 3 } });
    await trainer.load(state);
    return trainer;
  };
  /** Weights and an optimizer that has been at work. */
  const trainedState = async (): Promise<TrainerState> => {
    const trainer = await prepare(mixed);
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
