import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { testTrainer } from '../contract/test-trainer.ts';
import { isWithoutGpu } from '../support/gpu.ts';
import { dropping, model, useWebgpuTrainers } from '../support/webgpu-trainers.ts';

useWebgpuTrainers();

const create = () => createTrainer({ backend: 'webgpu' });
testTrainer('tfjs on webgpu', { create, model, dropping, size: 16, classes: 3, isSkipped: isWithoutGpu });
