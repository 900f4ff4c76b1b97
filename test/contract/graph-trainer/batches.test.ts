import { describe, expect, it } from 'vitest';
import type { CpuTensorExecutor } from '../../../backends/cpu/tensors/tensor-executor.ts';
import type { Batch } from '../../../src/core/batch.ts';
import type { Trainer } from '../../../src/core/trainer.ts';
import type { EfficientNet } from '../../../src/models/efficientnet.ts';
import { createTrainer as createTfjsTrainer } from '../../../src/trainers/tfjs/tfjs-trainer.ts';
import { randomFloats } from '../../support/finite-differences.ts';
import {
  describeInPrecisions,
  describeOnDevices,
  graphDevices,
  useTrainers,
} from '../../support/graph-devices.ts';
import { partsOf, results } from '../../support/graph-training.ts';
import { makeBatch } from '../../support/trainers.ts';
import { model, preparation, step } from '../../support/webgpu-trainers.ts';

// the third needs more memory than there is: it grows after programs were bound to it
const shapes = [
  [4, 16, 16],
  [1, 16, 16],
  [6, 24, 24],
  [4, 16, 16],
  [3, 9, 14],
] as const;

describeInPrecisions('the graph trainer on batches of several shapes', (open) => {
  it('has the bits of a trainer that had each alone', async () => {
    const trainer = await open(model);
    const start = await trainer.state();
    for (const [rows, height, width] of shapes) {
      const trained = makeBatch(partsOf(rows, height, { width }));
      const evaluated = makeBatch(partsOf(rows + 1, height, { width, factor: 2 }));
      await trainer.load(start);
      const [step, evaluation] = [await results(trainer, trained), await trainer.evaluateStep(evaluated)];
      const alone = await open(model);
      expect(step).toEqual(await results(alone, trained));
      expect(evaluation).toEqual(await alone.evaluateStep(evaluated));
    }
  });

  it('evaluates a row alike in whichever batch it stands', async () => {
    const trainer = await open(model);
    const five = partsOf(5, 16);
    const logits = await trainer.predict(makeBatch(five));
    const pixels = 16 * 16 * 3;
    const rest = { ...partsOf(2, 16), images: five.images.slice(3 * pixels) };
    expect(await trainer.predict(makeBatch(rest))).toEqual(logits.slice(9));
  });

  it('works on several at once', async () => {
    const trainer = await open(model);
    const batches = [1, 3, 2].map((factor) => makeBatch(partsOf(4, 16, { factor })));
    const expected = [];
    for (const batch of batches) expected.push(await trainer.evaluateStep(batch));
    expect(await Promise.all(batches.map((batch) => trainer.evaluateStep(batch)))).toEqual(expected);
    const [, result] = await Promise.all([
      trainer.close(),
      trainer.predict(batches[0] as Batch).catch((error) => error.code),
    ]);
    expect(result).toBe('NOT_PREPARED');
  });

  it('ends what is at work before it closes', async () => {
    const trainer = await open(model);
    const batch = makeBatch(partsOf(4, 16));
    const expected = await trainer.evaluateStep(batch);
    const [result] = await Promise.all([trainer.evaluateStep(batch), trainer.close()]);
    expect(result).toEqual(expected);
  });
});

// one row, odd sizes, the smaller last batch of an epoch, and evaluation in batches of another size
const epoch = [
  [6, 33, 47],
  [6, 33, 47],
  [1, 33, 47],
  [3, 47, 33],
] as const;
const evaluated = randomBatch(11, 35, 50, 0);

function randomBatch(rows: number, height: number, width: number, seed: number): Batch {
  const images = Float32Array.from(randomFloats(rows * height * width * 3, seed));
  return makeBatch({ ...partsOf(rows, height, { width }), images });
}

/** Losses of an epoch, and of its evaluation. */
async function lossesOf(trainer: Trainer<EfficientNet>, turn: number): Promise<number[]> {
  const losses: number[] = [];
  for (const [i, [rows, height, width]] of epoch.entries()) {
    const options = { ...step, learningRate: 0.01, step: turn * epoch.length + i };
    losses.push((await trainer.trainStep(randomBatch(rows, height, width, options.step), options)).loss);
  }
  return [...losses, (await trainer.evaluateStep(evaluated)).lossSum / 11];
}

describeOnDevices('the graph trainer on batches of changing shapes', (open) => {
  it('learns as tfjs does', async () => {
    const tfjs = createTfjsTrainer();
    try {
      await tfjs.prepare(model, preparation);
      const trainer = await open(model);
      const [actual, expected] = [await lossesOf(trainer, 0), await lossesOf(tfjs, 0)];
      for (const [i, loss] of expected.entries())
        expect(Math.abs((actual[i] as number) - loss), `batch ${i}`).toBeLessThan(2e-5);
    } finally {
      await tfjs.close();
    }
  });
});

describe('the graph trainer on the CPU', () => {
  const open = useTrainers(graphDevices[0]);

  it('takes no more memory from the second epoch on', async () => {
    const trainer = await open(model);
    const executor = trainer.session.executor as CpuTensorExecutor;
    await lossesOf(trainer, 0);
    const { bytesHeld } = executor;
    for (const turn of [1, 2, 3]) await lossesOf(trainer, turn);
    expect(executor.bytesHeld).toBe(bytesHeld);
  });
});
