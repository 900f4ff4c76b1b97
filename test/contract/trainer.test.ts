import { createRequire } from 'node:module';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { testTrainer } from './test-trainer.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 3, dropout: 0 });

testTrainer('tfjs on wasm', { create: () => createTrainer(), model, size: 16, classes: 3 });

testTrainer('tfjs on node', {
  create: () => createTrainer({ backend: 'node' }),
  model,
  size: 16,
  classes: 3,
  isSkipped: !isInstalled('@tensorflow/tfjs-node'),
});

function isInstalled(name: string): boolean {
  try {
    return createRequire(import.meta.url).resolve(name) !== '';
  } catch {
    return false;
  }
}
