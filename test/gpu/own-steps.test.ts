import { expect } from 'vitest';
import { gpuOf, measureOwnSteps, optionsFor } from '../../bench/trainer/own-steps.ts';
import { batchOnDevice } from '../../bench/trainer/random-batch.ts';
import { planFigures } from '../../src/graph/explain/plan-figures.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { itOnGpu } from '../support/gpu.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 1000 });
const work = { variant: 'b0', resolution: 16, rows: 2 } as const;

itOnGpu('steps are measured: the whole, the calling thread, each dispatch by the device', async () => {
  const trainer = new GraphTrainer({ device: 'gpu' });
  try {
    const options = optionsFor(true);
    const measured = await measureOwnSteps(trainer, model, options, (gpu) => batchOnDevice(gpu, work), 4);
    const { settings } = options;
    const plan = planFigures({
      model,
      rows: 2,
      height: 16,
      width: 16,
      images: 'f16',
      isMixed: true,
      settings,
    });
    expect(measured.dispatches).toBe(plan.dispatches);
    expect(measured.pipelines).toBeGreaterThan(10);
    expect(measured.encodeMs.median).toBeGreaterThan(0);
    expect(measured.loss).toBeGreaterThan(0);
    const { calls = [] } = measured;
    expect(calls.map(({ call }) => call.work)).toContain('update');
    if (!gpuOf(trainer).gpu.device.features.has('timestamp-query')) return;
    expect(calls).toHaveLength(plan.dispatches);
    for (const { milliseconds } of calls) expect(milliseconds.min).toBeGreaterThanOrEqual(0);
    const busy = calls.reduce((sum, { milliseconds }) => sum + milliseconds.median, 0);
    expect(busy).toBeGreaterThan(0);
    // other programs may run in between
    expect(busy).toBeLessThan(20 * measured.stepMs.max);
  } finally {
    await trainer.close();
  }
});
