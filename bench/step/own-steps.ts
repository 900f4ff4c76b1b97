import type { Batch } from '../../src/core/batch.ts';
import { randomFor } from '../../src/core/random.ts';
import type { PrepareOptions } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { countParameters } from '../../src/models/parameters.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { makeBatch, trainingSettings } from '../../test/support/trainers.ts';
import type { StepContestant, StepTime, StepWork } from './contestant.ts';

export const LEARNING_RATE = 0.01;

export const trainingOptions: PrepareOptions = {
  precision: 'float32',
  seed: 7,
  settings: trainingSettings,
};

export const modelOf = ({ variant, resolution, classes }: StepWork): EfficientNet =>
  efficientNet({ variant, resolution, classes });

/** For people. */
export const threadsOf = (count: number): string => `${count} thread${count === 1 ? '' : 's'}`;

/** Normal values and classes at random; float32, as the peer gets them. */
export function batchOf({ rows, resolution, classes }: StepWork): Batch {
  const images = new Float32Array(rows * resolution * resolution * 3);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const rng = randomFor(0, 0, row, 0);
    const start = (row * images.length) / rows;
    for (let i = 0; i < images.length / rows; i++) images[start + i] = rng.normal();
    labels[row] = rng.integer(classes);
  }
  return makeBatch({ images, labels, shape: [rows, resolution, resolution, 3] });
}

/** The graph trainer on so many threads of the CPU. */
export async function openOwnSteps(work: StepWork, threads: number): Promise<StepContestant> {
  const model = modelOf(work);
  const trainer = createTrainer({ device: 'cpu', threads });
  await trainer.prepare(model, trainingOptions);
  const batch = batchOf(work);
  let step = 0;
  const takeStep = async (): Promise<StepTime> => {
    const processor = process.cpuUsage();
    const start = performance.now();
    await trainer.trainStep(batch, { learningRate: LEARNING_RATE, apply: true, lossScale: 1, step: step++ });
    const milliseconds = performance.now() - start;
    const { user, system } = process.cpuUsage(processor);
    return { milliseconds, processorMs: (user + system) / 1000 };
  };
  return {
    name: `millrace, ${threadsOf(threads)}`,
    threads,
    parameters: countParameters(model),
    async run(steps) {
      const times: StepTime[] = [];
      for (let i = 0; i < steps; i++) times.push(await takeStep());
      return times;
    },
    close: () => trainer.close(),
  };
}
