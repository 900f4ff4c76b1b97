import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PrepareOptions, TensorMap } from '../../../src/core/trainer.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/trainers/checkpoint.ts';
import type { GraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { createTrainer as createTfjsTrainer } from '../../../src/trainers/tfjs/tfjs-trainer.ts';
import { distanceOf } from '../../support/finite-differences.ts';
import { folderOf } from '../../support/folders.ts';
import { describeInPrecisions, describeOnDevices } from '../../support/graph-devices.ts';
import { batchOf, model, run, settings, trainable } from '../../support/graph-training.ts';

describeInPrecisions('a training by the graph', (open, { options }, { precision }) => {
  const prepare = (more: Partial<PrepareOptions> = {}, threads?: number): Promise<GraphTrainer> =>
    open(model, { seed: 4, settings, ...more }, threads);
  // the CPU's bits are the same for any number of threads
  const otherThreads = options.device === 'cpu' ? 3 : undefined;

  it('has the same bits when it is run again', async () => {
    const [first, second] = [await prepare(), await prepare()];
    expect(await run(second, 0, 4)).toEqual(await run(first, 0, 4));
    expect(await second.state()).toEqual(await first.state());
    expect(await second.evaluateStep(batchOf(0))).toEqual(await first.evaluateStep(batchOf(0)));
  });

  // between two updates gradients wait, multiplied by the loss scale
  it.for([2, 3])(
    'has the same bits when it is resumed from a checkpoint after %i micro-steps',
    async (stop) => {
      const whole = await prepare();
      await run(whole, 0, stop);
      const path = join(folderOf(), 'checkpoint.safetensors');
      await saveCheckpoint(path, { state: await whole.state(), metadata: {} });
      const expected = await run(whole, stop, 8);

      // other weights, and another step, before the checkpoint is loaded
      const resumed = await prepare({ seed: 5 }, otherThreads);
      await resumed.trainStep(batchOf(9), { learningRate: 0.1, apply: false, lossScale: 1, step: 0 });
      const { options } = resumed.session;
      await resumed.close();
      await resumed.prepare(model, { ...options, seed: 4 });
      await resumed.load((await loadCheckpoint(path)).state);
      expect(await run(resumed, stop, 8)).toEqual(expected);
      expect(await resumed.state()).toEqual(await whole.state());
      expect(await resumed.evaluateAverageStep(batchOf(0))).toEqual(
        await whole.evaluateAverageStep(batchOf(0)),
      );
    },
  );

  it('gives two halves of a loss the weights of one whole', async () => {
    const [whole, halves] = [await prepare(), await prepare()];
    const step = { learningRate: 0.01, apply: true, lossScale: 1, step: 0 };
    await whole.trainStep(batchOf(0), step);
    await halves.trainStep(batchOf(0), { ...step, lossScale: 0.5, apply: false });
    await halves.trainStep(batchOf(0), { ...step, lossScale: 0.5 });
    const actual = trainable((await halves.state()).weights);
    const expected = trainable((await whole.state()).weights);
    // in float16 the smallest numbers lose bits when they are halved; the CPU adds products to gradients that wait
    if (precision === 'float32' && options.device === 'gpu') expect(actual).toEqual(expected);
    else expect(largestDistance(actual, expected)).toBeLessThan(1e-6);
  });
});

describeOnDevices('a state of the graph', (open) => {
  it('goes to tfjs and back', async () => {
    const first = await open(model, { seed: 4, settings });
    await run(first, 0, 3);
    const state = await first.state();
    const onTfjs = createTfjsTrainer();
    try {
      await onTfjs.prepare(model, { precision: 'float32', seed: 9, settings });
      await onTfjs.load(state);
      const second = await open(model, { seed: 9, settings });
      await second.load(await onTfjs.state());
      expect(await second.state()).toEqual(state);
      const [[a], [b]] = [await run(second, 3, 4), await run(onTfjs, 3, 4)];
      expect(a?.loss).toBeCloseTo(b?.loss as number, 5);
    } finally {
      await onTfjs.close();
    }
  });
});

function largestDistance(actual: TensorMap, expected: TensorMap): number {
  const distances = Object.entries(expected).map(([name, { data }]) =>
    distanceOf(Float64Array.from(actual[name]?.data ?? []), Float64Array.from(data)),
  );
  return Math.max(...distances);
}
