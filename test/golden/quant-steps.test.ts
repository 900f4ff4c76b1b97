import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { NamedTensor, Trainer, TrainingSettings } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { type Placement, placesOf } from '../../src/quantization/placement.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { rangeOf, rangesOfWeights } from '../support/calibration.ts';
import { formulaWeights } from '../support/formula.ts';
import { isWithoutGpu, useOpenGpu } from '../support/gpu.ts';
import { ReferenceTraining } from '../support/reference-training.ts';
import { stepsBatch } from '../support/steps-golden.ts';
import { expectSummary, float64, summarize, type TensorSummary } from '../support/tensor-summary.ts';

/** What test/golden/make_quant_golden.py wrote: steps in PyTorch with its own fake_quantize. */
interface QuantGolden {
  readonly model: { readonly width: number; readonly depth: number; readonly classes: number };
  readonly size: number;
  readonly rows: number;
  readonly steps: number;
  readonly weightShare: number;
  readonly runs: Readonly<Record<string, QuantRun>>;
}
interface QuantRun {
  readonly placement: Placement;
  readonly levels: number;
  readonly settings: TrainingSettings & { readonly learningRate: number; readonly microSteps: number };
  readonly points: Readonly<Record<string, number>>;
  readonly losses: readonly number[];
  readonly changes: Readonly<Record<string, TensorSummary>>;
}

const golden: QuantGolden = JSON.parse(readFileSync('test/golden/quant-float64.json', 'utf8'));
const { size, rows, steps, weightShare } = golden;
const model = efficientNet({ ...golden.model, resolution: size, dropout: 0 });
const weights = formulaWeights(model);

useOpenGpu();

/** Of the gradients, by values that float32 rounds to a neighbour. Masks that let all pass make it 0.4. */
const MOST_FLIPPED = 0.02;

function quantizationOf({ placement, levels, points }: QuantRun) {
  const places = { ...placesOf(model, placement), levels };
  const ofPoints = Object.entries(points).map(([point, largest]) => [`point.${point}`, rangeOf([largest])]);
  const quant = { ...Object.fromEntries(ofPoints), ...rangesOfWeights(weights, places.weights, weightShare) };
  return { places, quant };
}

/** Each micro-step's options, in order. */
function* stepsOf({ settings: { learningRate, microSteps } }: QuantRun) {
  for (let step = 0; step < steps * microSteps; step++)
    yield {
      ...{ step, learningRate, isFirst: step % microSteps === 0, lossScale: 1 / microSteps },
      apply: step % microSteps === microSteps - 1,
    };
}

describe.for(Object.entries(golden.runs))('quantized steps beside PyTorch: %s', ([, run]) => {
  const { places, quant } = quantizationOf(run);
  const { learningRate: _, microSteps: __, ...settings } = run.settings;

  it('round the same points', () => {
    expect([...places.points].toSorted()).toEqual(Object.keys(run.points).toSorted());
  });

  it('have the same losses and reach the same weights in float64', () => {
    const training = new ReferenceTraining(model, rows, size, settings, places);
    training.load(weights, quant);
    for (const { lossScale, ...options } of stepsOf(run)) {
      const loss = training.step(stepsBatch(options.step), { ...options, lossFactor: lossScale });
      const expected = run.losses[options.step] as number;
      expect(Math.abs(loss - expected) / expected, `loss of step ${options.step}`).toBeLessThan(1e-9);
    }
    const reached = training.weights;
    for (const [name, expected] of Object.entries(run.changes)) {
      const before = (weights[name] as NamedTensor).data;
      const change = (reached[name] as Float64Array).map((value, i) => value - (before[i] as number));
      expectSummary(summarize(change), expected, name, float64);
    }
  });

  let expected: Readonly<Record<string, Float64Array>> | undefined;
  /** The gradients of the first batch in float64. */
  function referenceGradients(): Readonly<Record<string, Float64Array>> {
    if (expected !== undefined) return expected;
    const training = new ReferenceTraining(model, rows, size, settings, places);
    training.load(weights, quant);
    training.step(stepsBatch(0), { apply: false });
    expected = training.gradients;
    return expected;
  }

  describe.for([
    { name: 'the CPU', options: { device: 'cpu', threads: 2 }, isSkipped: false },
    { name: 'a GPU', options: { device: 'gpu' }, isSkipped: isWithoutGpu },
  ] as const)('on $name', ({ options, isSkipped }) => {
    let trainer: Trainer<EfficientNet> | undefined;
    afterEach(() => trainer?.close());

    it.skipIf(isSkipped)('have nearly the same gradients in float32', async () => {
      trainer = createTrainer(options);
      await trainer.prepare(model, { precision: 'float32', seed: 0, settings, quantization: places });
      await trainer.load({ weights, optimizer: {}, quant });
      await trainer.trainStep(stepsBatch(0), { learningRate: 0, lossScale: 1, apply: false, step: 0 });
      const { gradients = {} } = await trainer.state();
      let [distance, norm] = [0, 0];
      for (const [name, gradient] of Object.entries(referenceGradients()))
        for (const [i, value] of gradient.entries()) {
          distance += (value - (gradients[name]?.data[i] as number)) ** 2;
          norm += value ** 2;
        }
      expect(Math.sqrt(distance / norm)).toBeLessThan(MOST_FLIPPED);
    });

    // float32 rounds some values to the neighbour of what float64 rounds them to: before long that shows
    it.skipIf(isSkipped)('have nearly the same losses before and after an update in float32', async () => {
      trainer = createTrainer(options);
      await trainer.prepare(model, { precision: 'float32', seed: 0, settings, quantization: places });
      await trainer.load({ weights, optimizer: {}, quant });
      for (const { isFirst: _, ...step } of [...stepsOf(run)].slice(0, run.settings.microSteps + 1)) {
        const { loss } = await trainer.trainStep(stepsBatch(step.step), step);
        const expected = run.losses[step.step] as number;
        expect(Math.abs(loss - expected), `loss of step ${step.step}`).toBeLessThan(0.02);
      }
    });
  });
});
