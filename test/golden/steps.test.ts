import { afterEach, describe, expect, it } from 'vitest';
import type { NamedTensor, TensorMap, Trainer } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer as createGraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { createTrainer as createTfjsTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { formulaWeights } from '../support/formula.ts';
import { isWithoutGpu, useOpenGpu } from '../support/gpu.ts';
import { bceBatch, bceGolden, stepsBatch, stepsGolden, stepsGoldenFloat64 } from '../support/steps-golden.ts';
import { expectSummary, summarize, type TensorSummary } from '../support/tensor-summary.ts';

const { size, steps } = stepsGolden;
const model = efficientNet({ ...stepsGolden.model, resolution: size, dropout: 0 });
const initial = formulaWeights(model);

useOpenGpu();

const trainers: readonly { readonly name: string; create(): Trainer<EfficientNet>; isSkipped: boolean }[] = [
  { name: 'tfjs', create: createTfjsTrainer, isSkipped: false },
  {
    name: 'graph on the CPU',
    create: () => createGraphTrainer({ device: 'cpu', threads: 2 }),
    isSkipped: false,
  },
  { name: 'graph on a GPU', create: () => createGraphTrainer({ device: 'gpu' }), isSkipped: isWithoutGpu },
];

describe.for(trainers)('optimisation steps of $name, beside PyTorch', ({ create, isSkipped }) => {
  let trainer: Trainer<EfficientNet> | undefined;
  afterEach(() => trainer?.close());

  it.skipIf(isSkipped).each(Object.entries(stepsGolden.runs))(
    'of %s have the same losses and reach the same weights',
    async (_, run) => {
      const { learningRate, microSteps, ...settings } = run.settings;
      trainer = create();
      await trainer.prepare(model, { precision: 'float32', seed: 0, settings });
      await trainer.load({ weights: initial, optimizer: {} });
      for (let step = 0; step < steps * microSteps; step++) {
        const apply = step % microSteps === microSteps - 1;
        const options = { learningRate, apply, lossScale: 1 / microSteps, step };
        const { loss } = await trainer.trainStep(stepsBatch(step), options);
        expect(Math.abs(loss - (run.losses[step] as number)), `loss of step ${step}`).toBeLessThan(2e-5);
      }
      expectChanges((await trainer.state()).weights, run.changes);
    },
  );

  it.skipIf(isSkipped).each(Object.entries(bceGolden.runs))(
    'by the binary cross-entropy, of rows of %s, have the same losses and reach the same weights',
    async (_, run) => {
      const { learningRate, labels, ...settings } = run.settings;
      trainer = create();
      await trainer.prepare(model, { precision: 'float32', seed: 0, settings: { ...settings, loss: 'bce' } });
      await trainer.load({ weights: initial, optimizer: {} });
      for (let step = 0; step < bceGolden.steps; step++) {
        const options = { learningRate, apply: true, lossScale: 1, step, losses: true };
        const { loss, losses = new Float32Array() } = await trainer.trainStep(
          bceBatch(step, labels),
          options,
        );
        expect(Math.abs(loss - (run.losses[step] as number)), `loss of step ${step}`).toBeLessThan(2e-5);
        expect(losses.reduce((sum, one) => sum + one, 0) / losses.length).toBeCloseTo(loss, 5);
      }
      expectChanges((await trainer.state()).weights, run.changes);
    },
  );
});

function expectChanges(weights: TensorMap, changes: Readonly<Record<string, TensorSummary>>): void {
  for (const [name, expected] of Object.entries(changes)) {
    const before = (initial[name] as NamedTensor).data;
    const change = (weights[name] as NamedTensor).data.map((value, i) => value - (before[i] as number));
    expectSummary(summarize(change), expected, name);
  }
}

describe("PyTorch's ten steps in float64", () => {
  it('are of the same runs', () => {
    const described = ({ runs, ...golden }: typeof stepsGolden) => ({
      ...golden,
      settings: Object.entries(runs).map(([name, { settings }]) => [name, settings]),
    });
    expect(described(stepsGoldenFloat64)).toEqual(described(stepsGolden));
  });

  it.each(Object.entries(stepsGoldenFloat64.runs))(
    'of %s are what float32 comes near to',
    (run, { losses, changes }) => {
      const single = stepsGolden.runs[run] as (typeof stepsGolden.runs)[string];
      expect(single.losses).not.toEqual(losses);
      for (const [step, loss] of losses.entries())
        expect(Math.abs((single.losses[step] as number) - loss), `loss of step ${step}`).toBeLessThan(2e-5);
      expect(Object.keys(single.changes)).toEqual(Object.keys(changes));
      for (const [name, change] of Object.entries(changes))
        expectSummary(single.changes[name] as TensorSummary, change, name);
    },
  );
});
