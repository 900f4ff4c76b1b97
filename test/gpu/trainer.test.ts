import { afterAll, beforeAll } from 'vitest';
import { Gpu } from '../../backends/gpu/device.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { testTrainer } from '../contract/test-trainer.ts';
import { isWithoutGpu } from '../support/gpu.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 3, dropout: 0 });

// held open, as a data backend would: the shaders of a device are compiled once
let gpu: Gpu | undefined;
beforeAll(async () => {
  gpu = isWithoutGpu ? undefined : await Gpu.open();
});
afterAll(() => gpu?.close());

const create = () => createTrainer({ backend: 'webgpu' });
testTrainer('tfjs on webgpu', { create, model, size: 16, classes: 3, isSkipped: isWithoutGpu });
