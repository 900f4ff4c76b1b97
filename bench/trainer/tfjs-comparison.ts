import { Gpu } from '../../backends/gpu/device/device.ts';
import type { Trainer } from '../../src/core/trainer.ts';
import { openTrainer } from '../../src/trainers/open-trainer.ts';
import { interleave, type Summary, summarize } from '../measure.ts';
import { optionsFor } from './own-steps.ts';
import { batchHere } from './random-batch.ts';
import { modelOf, type TrainerWork } from './work.ts';

/** Small enough for a driver that computes on the CPU. */
export const comparedWork: TrainerWork = { variant: 'b0', resolution: 64, rows: 8 };

/** Milliseconds of a step, of two trainers in turn on one GPU and one batch. */
export interface Comparison {
  readonly graph: Summary;
  readonly tfjs: Summary;
}

export async function compareWithTfjs(adapter: string | undefined, steps: number): Promise<Comparison> {
  const gpu = await Gpu.open(adapter);
  const trainers = [await openTrainer('graph'), await openTrainer('tfjs', { backend: 'webgpu' })] as const;
  const model = modelOf(comparedWork);
  const batch = batchHere(comparedWork);
  const take = async (trainer: Trainer, step: number): Promise<number> => {
    const start = performance.now();
    await trainer.trainStep(batch, { learningRate: 0.001, apply: true, lossScale: 1, step });
    return performance.now() - start;
  };
  try {
    for (const trainer of trainers) {
      await trainer.prepare(model, { ...optionsFor(false), device: gpu.device });
      for (let step = 0; step < 2; step++) await take(trainer, step);
    }
    const times = await interleave(trainers, steps, (trainer, round) => take(trainer, 2 + round));
    const [graph, tfjs] = trainers.map((trainer) => summarize(times.get(trainer) ?? []));
    return { graph: graph as Summary, tfjs: tfjs as Summary };
  } finally {
    for (const trainer of trainers) await trainer.close();
    gpu.close();
  }
}
