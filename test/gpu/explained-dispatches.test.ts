import { afterEach, expect, vi } from 'vitest';
import { globals } from 'webgpu';
import type { Precision } from '../../src/core/trainer.ts';
import { planFigures } from '../../src/graph/explain/plan-figures.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { itOnGpu } from '../support/gpu.ts';
import { makeBatch, trainingSettings } from '../support/trainers.ts';

const { GPUComputePassEncoder } = globals as { GPUComputePassEncoder: { prototype: GPUComputePassEncoder } };
const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 3 });
const [rows, size] = [2, 16];
const images = new Float32Array(rows * size * size * 3).map((_, i) => Math.sin(i));
const batch = makeBatch({
  images,
  shape: [rows, size, size, 3],
  labels: Int32Array.of(0, 2),
  dtype: 'float16',
});
const settings = { ...trainingSettings, emaDecay: 0.9 };

afterEach(() => vi.restoreAllMocks());

itOnGpu.for<Precision>(['float32', 'mixed'])(
  'a step dispatches as often as its plan says, in %s',
  async (precision) => {
    const trainer = createTrainer({ device: 'gpu' });
    try {
      const isMixed = precision === 'mixed';
      const lossScaling = { initial: 1, growthInterval: 100 };
      await trainer.prepare(model, { precision, seed: 1, settings, ...(isMixed && { lossScaling }) });
      const step = { learningRate: 0.01, apply: true, lossScale: 1 };
      // the first also loads the weights
      await trainer.trainStep(batch, { ...step, step: 0 });
      const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
      await trainer.trainStep(batch, { ...step, step: 1 });
      const planned = planFigures({
        model,
        rows,
        height: size,
        width: size,
        images: 'f16',
        isMixed,
        settings,
      });
      expect(dispatch).toHaveBeenCalledTimes(planned.dispatches);
    } finally {
      await trainer.close();
    }
  },
);
