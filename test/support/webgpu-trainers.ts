import { afterAll, afterEach, beforeAll } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import type { Trainer, TrainStepOptions } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { plainSeam } from '../../src/trainers/tfjs/network.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { isWithoutGpu } from './gpu.ts';
import { type BatchParts, trainingSettings as settings } from './trainers.ts';

export const preparation = { precision: 'float32', seed: 3, settings } as const;
const small = { width: 0.125, depth: 0.25, resolution: 16, classes: 3 } as const;
export const model = efficientNet({ ...small, dropout: 0 });
export const dropping = efficientNet({ ...small, dropout: 0.2, finalSurvival: 0.5 });
export const step: TrainStepOptions = { learningRate: 0.05, apply: true, lossScale: 1, step: 0 };

/** Four images for the model. */
export const parts: BatchParts = {
  images: Float32Array.from({ length: 4 * 16 * 16 * 3 }, (_, i) => Math.sin(i)),
  shape: [4, 16, 16, 3],
  labels: Int32Array.of(0, 1, 2, 0),
};

interface Opened {
  /** Open for all tests of the file, as a data backend would hold it: the shaders of a device are compiled once. */
  gpu: Gpu;
  /** A trainer on webgpu, which is closed after the test. */
  prepare(device?: GPUDevice, seam?: typeof plainSeam): Promise<Trainer<EfficientNet>>;
}

/** To be called at the top of a test file. */
export function useWebgpuTrainers(): Opened {
  const trainers: Trainer<EfficientNet>[] = [];
  const opened = {
    async prepare(device?: GPUDevice, seam = plainSeam) {
      const trainer = createTrainer({ backend: 'webgpu', seam });
      trainers.push(trainer);
      await trainer.prepare(model, { ...preparation, ...(device && { device }) });
      return trainer;
    },
  } as Opened;
  beforeAll(async () => {
    if (!isWithoutGpu) opened.gpu = await Gpu.open();
  });
  afterEach(async () => {
    for (const trainer of trainers.splice(0)) await trainer.close();
  });
  afterAll(() => opened.gpu?.close());
  return opened;
}
