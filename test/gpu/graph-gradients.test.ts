import { expect } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { chooseTier } from '../../backends/gpu/tensors/choose-tier.ts';
import { type DeviceForm, formsOf, nameOfForm } from '../../backends/gpu/tensors/device-form.ts';
import { rescaledGradients } from '../../src/core/loss-scale.ts';
import type { PrepareOptions, TensorMap } from '../../src/core/trainer.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { GpuGraphDevice } from '../../src/trainers/graph/devices/gpu-device.ts';
import { GraphSession } from '../../src/trainers/graph/session.ts';
import { loadState, saveState } from '../../src/trainers/graph/state.ts';
import { trainStep } from '../../src/trainers/graph/train-step.ts';
import { type AmpGolden, ampBatch, ampGoldens, gradientErrors } from '../support/amp-golden.ts';
import { formulaWeights } from '../support/formula.ts';
import { itOnGpu, useOpenGpu } from '../support/gpu.ts';
import { trainingSettings } from '../support/trainers.ts';

const on = useOpenGpu();

itOnGpu.for(ampGoldens)('gradients of $name in float32 are near to float64', async (golden) => {
  const { loss, gradients } = await stepOn({ tier: 'float32' }, golden);
  expect(Math.abs(loss - golden.loss)).toBeLessThan(1e-5);
  const { all, worst, zero } = gradientErrors(golden, gradients);
  expect(all).toBeLessThan(5e-5);
  expect(worst).toBeLessThan(3e-4);
  expect(zero).toBeLessThan(1e-6);
});

itOnGpu.for(ampGoldens)(
  "gradients of $name in mixed precision are as near as PyTorch autocast's",
  async (golden) => {
    for (const form of await mixedForms()) {
      const name = nameOfForm(form);
      const { loss, gradients } = await stepOn(form, golden);
      expect(Math.abs(loss - golden.loss) / golden.loss, name).toBeLessThan(1e-3);
      const { all, median, worst, zero } = gradientErrors(golden, gradients);
      const { autocast } = golden;
      expect(all / autocast.all, name).toBeLessThan(1.2);
      expect(median / autocast.median, name).toBeLessThan(1.2);
      expect(zero / autocast.zero, name).toBeLessThan(2);
      // of a tensor with two values, whose gradients nearly cancel
      expect(worst, name).toBeLessThan(0.2);
      // and rounding has been at work
      expect(all / autocast.all, name).toBeGreaterThan(0.1);
    }
  },
);

/** The form that this device's self-test chooses, and those without matrix units that it has. */
async function mixedForms(): Promise<DeviceForm[]> {
  const { form } = await chooseTier(on.gpu, true);
  const others = formsOf(on.gpu.capabilities, true).filter(({ matrix }) => matrix === undefined);
  return [form, ...others.filter((other) => nameOfForm(other) !== nameOfForm(form))];
}

/** A step's loss, and its gradients without loss scale. */
async function stepOn(form: DeviceForm, golden: AmpGolden): Promise<{ loss: number; gradients: TensorMap }> {
  const model = efficientNet({ ...golden.model, resolution: golden.size, dropout: 0 });
  const device = GpuGraphDevice.on(Gpu.share(on.gpu.device), { form, name: nameOfForm(form) });
  const session = await GraphSession.open(device, model, preparation(form, golden));
  try {
    loadState(session, { weights: formulaWeights(model), optimizer: {} });
    const step = { learningRate: 0, apply: false, lossScale: 1, step: 0 };
    const { loss } = await trainStep(session, ampBatch(golden), step);
    const state = await saveState(session);
    return { loss, gradients: rescaledGradients(state, 1) };
  } finally {
    await session.close();
  }
}

function preparation({ tier }: DeviceForm, { lossScale, labelSmoothing }: AmpGolden): PrepareOptions {
  const settings = { ...trainingSettings, labelSmoothing };
  if (tier === 'float32') return { precision: 'float32', seed: 0, settings };
  const lossScaling = { initial: lossScale, growthInterval: Number.POSITIVE_INFINITY };
  return { precision: 'mixed', lossScaling, seed: 0, settings };
}
