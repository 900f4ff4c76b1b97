import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CpuTensorExecutor } from '../backends/cpu/tensors/tensor-executor.ts';
import { type TrainOptions, train } from '../src/index.ts';
import { GraphTrainer } from '../src/trainers/graph/graph-trainer.ts';
import { ensureImageSet, imageSets } from './images.ts';
import { type SoakRun, sampleOf } from './soak-sample.ts';
import type { SoakSample } from './soak-verdict.ts';

export interface TrainingSoak {
  readonly steps: number;
  /** They come evenly between the steps, each with a checkpoint. */
  readonly evaluations: number;
  /** Edge of the images. */
  readonly size: number;
  readonly batchSize: number;
  /** Threads of each stream. */
  readonly workers: number;
  /** Where the images are made. Default: where those of npm run bench are. */
  readonly images?: string;
}

/** Batches of an evaluation. The last one is smaller: it has a program of its own. */
const EVALUATED_BATCHES = 2.5;
/** Share of the steps before the first sample. */
const WARMUP_SHARE = 0.5;

/** Trains on the CPU as `millrace train` does, in epochs so short that each ends with an evaluation. */
export async function soakTraining(options: TrainingSoak): Promise<SoakRun> {
  const { steps, evaluations } = options;
  if (steps % evaluations !== 0)
    throw new RangeError(`steps must be a multiple of evaluations, got ${steps} and ${evaluations}`);
  const workspace = await mkdtemp(join(tmpdir(), 'millrace-soak-'));
  try {
    return await trainAndSample(options, workspace);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

async function trainAndSample(options: TrainingSoak, workspace: string): Promise<SoakRun> {
  const { steps, evaluations, batchSize } = options;
  const trainer = new GraphTrainer({ device: 'cpu' });
  const training = train({ ...(await trainingOf(options)), trainer, workspace });
  const samples: SoakSample[] = [];
  let workers = options.workers;
  const start = performance.now();
  await training.forEach((event) => {
    if (event.type === 'warning') process.stderr.write(`${event.message}\n`);
    if (event.type !== 'checkpoint' || event.step <= WARMUP_SHARE * steps) return;
    const { bytesHeld, threads } = trainer.session.executor as CpuTensorExecutor;
    samples.push(sampleOf(event.step * batchSize, bytesHeld));
    workers = options.workers + threads;
  });
  const seconds = (performance.now() - start) / 1000;
  const pace = `${((1000 * seconds) / steps).toFixed(1)} ms per step, all included`;
  const work = `${steps} steps and ${evaluations} evaluations in ${seconds.toFixed(0)} s (${pace})`;
  return { samples, work, workers };
}

async function trainingOf({ steps, evaluations, size, batchSize, workers, images }: TrainingSoak) {
  const trained = { ...imageSets.small, count: (steps / evaluations) * batchSize };
  const evaluated = { ...imageSets.small, seed: 2, count: Math.ceil(EVALUATED_BATCHES * batchSize) };
  return {
    data: await ensureImageSet(trained, images),
    stream: { batchSize, workers, seed: 7 },
    recipe: { imageSize: size },
    schedule: { epochs: evaluations, base: 0.01 },
    evaluation: { data: await ensureImageSet(evaluated, images) },
  } satisfies TrainOptions;
}
