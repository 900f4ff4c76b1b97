import { expect, it } from 'vitest';
import { createTrainer as createTfjsTrainer } from '../../../src/trainers/tfjs/tfjs-trainer.ts';
import { describeOnDevices } from '../../support/graph-devices.ts';
import { distances, type ModelCase, modelOf, opinionOf } from '../../support/random-models.ts';

/** Margins of all kinds: lines are even in number at every stride, columns first odd. */
const one: ModelCase = {
  ...{ width: 0.1, depth: 0.1, classes: 5, stemStride: 2, padding: 'same', wideSqueeze: false },
  ...{ finalSurvival: 1, rows: 4, height: 64, imageWidth: 37, dtype: 'float32', layout: 'nhwc' },
  ...{ lambda: 1, labelSmoothing: 0.1, optimizer: 'sgd', seed: 7 },
};

describeOnDevices("a model with TensorFlow's padding", (open) => {
  it('learns as by tfjs, and not as with the other padding', async () => {
    const expected = await opinionOf(createTfjsTrainer(), one);
    const far = [...distances(await opinionOf(await open(modelOf(one)), one), expected)];
    expect(far.filter(([, distance]) => !(distance < 1))).toEqual([]);
    const other = await opinionOf(createTfjsTrainer(), { ...one, padding: 'torch' });
    expect(Math.max(...distances(other, expected).values())).toBeGreaterThan(100);
  });
});
