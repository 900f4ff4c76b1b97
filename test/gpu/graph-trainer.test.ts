import { expect } from 'vitest';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { testTrainer } from '../contract/test-trainer.ts';
import { adapter, isWithoutGpu, itOnGpu, useOpenGpu } from '../support/gpu.ts';
import { trainingSettings } from '../support/trainers.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 3, dropout: 0 });

useOpenGpu();

for (const precision of ['float32', 'mixed'] as const)
  testTrainer(`graph on a GPU, ${precision}`, {
    create: () => createTrainer({ device: 'gpu' }),
    ...{ model, precision, size: 16, classes: 3, isSkipped: isWithoutGpu },
  });

itOnGpu.for([
  ['mixed', adapter?.hasFloat16 ? 'half' : 'packed'],
  ['float32', 'float32'],
] as const)('the trainer graph says what it computes on, in precision %s', async ([precision, tier]) => {
  const trainer = createTrainer({ device: 'gpu' });
  try {
    await trainer.prepare(model, { precision, seed: 0, settings: trainingSettings });
    const { name, driver } = adapter ?? {};
    expect(trainer.environment).toEqual({ adapter: name, driver, tier, plan: '1' });
  } finally {
    await trainer.close();
  }
});
