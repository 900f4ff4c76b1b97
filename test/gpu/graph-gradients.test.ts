import { expect } from 'vitest';
import type { Tier } from '../../backends/tensor-kernels/kernel-form.ts';
import { rescaledGradients } from '../../src/core/loss-scale.ts';
import type { PrepareOptions, TensorMap } from '../../src/core/trainer.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { GraphSession } from '../../src/trainers/graph/session.ts';
import { loadState, saveState } from '../../src/trainers/graph/state.ts';
import { trainStep } from '../../src/trainers/graph/train-step.ts';
import { type AmpGolden, ampBatch, ampGoldens, gradientErrors } from '../support/amp-golden.ts';
import { formulaWeights } from '../support/formula.ts';
import { itOnGpu, useOpenGpu } from '../support/gpu.ts';
import { trainingSettings } from '../support/trainers.ts';

const on = useOpenGpu();

itOnGpu.for(ampGoldens)('gradients of $name in float32 are near to float64', async (golden) => {
  const { loss, gradients } = await stepOn('float32', golden);
  expect(Math.abs(loss - golden.loss)).toBeLessThan(1e-5);
  const { all, worst, zero } = gradientErrors(golden, gradients);
  expect(all).toBeLessThan(5e-5);
  expect(worst).toBeLessThan(3e-4);
  expect(zero).toBeLessThan(1e-6);
});

const cases = ampGoldens.flatMap((golden) => {
  return (['packed', 'half'] as const).map((tier) => ({ golden, tier, name: golden.name }));
});

itOnGpu.for(cases)(
  "gradients of $name in mixed precision, $tier, are as near as PyTorch autocast's",
  async (one, { skip }) => {
    const { golden, tier } = one;
    skip(tier === 'half' && !on.gpu.device.features.has('shader-f16'));
    const { loss, gradients } = await stepOn(tier, golden);
    expect(Math.abs(loss - golden.loss) / golden.loss).toBeLessThan(1e-3);
    const { all, median, worst, zero } = gradientErrors(golden, gradients);
    const { autocast } = golden;
    expect(all / autocast.all).toBeLessThan(1.2);
    expect(median / autocast.median).toBeLessThan(1.2);
    expect(zero / autocast.zero).toBeLessThan(2);
    // of tensors with two values, whose gradients nearly cancel
    expect(worst).toBeLessThan(0.2);
    // and rounding has been at work
    expect(all / autocast.all).toBeGreaterThan(0.1);
  },
);

/** A step's loss, and its gradients without loss scale. */
async function stepOn(tier: Tier, golden: AmpGolden): Promise<{ loss: number; gradients: TensorMap }> {
  const model = efficientNet({ ...golden.model, resolution: golden.size, dropout: 0 });
  const session = await GraphSession.open(on.gpu, model, preparation(tier, golden), { tier });
  try {
    loadState(session, { weights: formulaWeights(model), optimizer: {} });
    const step = { learningRate: 0, apply: false, lossScale: 1, step: 0 };
    const { loss } = await trainStep(session, ampBatch(golden), step);
    const state = await saveState(session);
    return { loss, gradients: rescaledGradients(state, 1) };
  } finally {
    session.close();
  }
}

function preparation(tier: Tier, { lossScale, labelSmoothing }: AmpGolden): PrepareOptions {
  const settings = { ...trainingSettings, labelSmoothing };
  if (tier === 'float32') return { precision: 'float32', seed: 0, settings };
  const lossScaling = { initial: lossScale, growthInterval: Number.POSITIVE_INFINITY };
  return { precision: 'mixed', lossScaling, seed: 0, settings };
}
