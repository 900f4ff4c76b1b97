import { describe, expect, it } from 'vitest';
import type { NamedTensor } from '../../src/core/trainer.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { formulaWeights } from '../support/formula.ts';
import { ReferenceTraining } from '../support/reference-training.ts';
import { stepsBatch, stepsGoldenFloat64 } from '../support/steps-golden.ts';
import { expectSummary, float64, summarize } from '../support/tensor-summary.ts';

const { model: options, size, rows, steps, runs } = stepsGoldenFloat64;
const model = efficientNet({ ...options, resolution: size, dropout: 0 });
const initial = formulaWeights(model);

describe('ten optimisation steps of the graph in float64, beside PyTorch', () => {
  it.each(Object.entries(runs))('of %s have the same losses and reach the same weights', (_, run) => {
    const { learningRate, microSteps, ...settings } = run.settings;
    const training = new ReferenceTraining(model, rows, size, settings);
    training.load(initial);
    for (let step = 0; step < steps * microSteps; step++) {
      const isFirst = step % microSteps === 0;
      const apply = step % microSteps === microSteps - 1;
      const loss = training.step(stepsBatch(step), {
        lossFactor: 1 / microSteps,
        isFirst,
        learningRate,
        apply,
      });
      const expected = run.losses[step] as number;
      expect(Math.abs(loss - expected) / expected, `loss of step ${step}`).toBeLessThan(1e-9);
    }
    const { weights } = training;
    for (const [name, expected] of Object.entries(run.changes)) {
      const before = (initial[name] as NamedTensor).data;
      const change = (weights[name] as Float64Array).map((value, i) => value - (before[i] as number));
      expectSummary(summarize(change), expected, name, float64);
    }
  });
});
