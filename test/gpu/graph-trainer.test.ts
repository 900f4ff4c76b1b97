import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { testTrainer } from '../contract/test-trainer.ts';
import { isWithoutGpu, useOpenGpu } from '../support/gpu.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 3, dropout: 0 });

useOpenGpu();

for (const precision of ['float32', 'mixed'] as const)
  testTrainer(`graph on a GPU, ${precision}`, {
    create: () => createTrainer(),
    ...{ model, precision, size: 16, classes: 3, isSkipped: isWithoutGpu },
  });
