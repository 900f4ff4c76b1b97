import { createRequire } from 'node:module';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { testTrainer } from './test-trainer.ts';

const small = { width: 0.125, depth: 0.25, resolution: 16, classes: 3 } as const;
const model = efficientNet({ ...small, dropout: 0 });
const dropping = efficientNet({ ...small, dropout: 0.2, finalSurvival: 0.5 });

testTrainer('tfjs on wasm', { create: () => createTrainer(), model, dropping, size: 16, classes: 3 });

testTrainer('tfjs on node', {
  create: () => createTrainer({ backend: 'node' }),
  model,
  dropping,
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
