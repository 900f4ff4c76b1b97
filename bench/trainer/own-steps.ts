import type { Gpu } from '../../backends/gpu/device/device.ts';
import type { DispatchedProgram } from '../../backends/gpu/tensors/tensor-executor.ts';
import { timeDispatches } from '../../backends/gpu/tensors/time-dispatches.ts';
import type { PreparedProgram } from '../../backends/tensor-kernels/tensor-executor.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';
import type { Batch } from '../../src/core/batch.ts';
import type { PrepareOptions } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { shapeOfBatch } from '../../src/trainers/graph/batch-inputs.ts';
import type { GpuGraphDevice } from '../../src/trainers/graph/devices/gpu-device.ts';
import type { GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { type Summary, summarize } from '../measure.ts';

/** RMSprop, as the presets have it. */
export const settings: PrepareOptions['settings'] = {
  ...{ optimizer: 'rmsprop', momentum: 0.9, weightDecay: 1e-5 },
  ...{ rmspropAlpha: 0.9, rmspropEpsilon: 0.01, labelSmoothing: 0.1 },
};

export const optionsFor = (isMixed: boolean): PrepareOptions => ({
  ...{ precision: isMixed ? 'mixed' : 'float32', seed: 7, settings },
  ...(isMixed && { lossScaling: { initial: 128, growthInterval: 100 } }),
});

/** A call of a step, and what it takes on the device. */
export interface TimedCall {
  readonly call: TensorCall;
  readonly milliseconds: Summary;
}

export interface OwnFigures {
  /** Planning, allocating, compiling. */
  readonly prepareMs: number;
  readonly pipelines: number;
  readonly dispatches: number;
  /** Command buffers of a step. */
  readonly submits: number;
  readonly stepMs: Summary;
  /** What the calling thread takes to encode and submit a step. */
  readonly encodeMs: Summary;
  readonly loss: number;
  /** Undefined where the device has no clock. */
  readonly calls: readonly TimedCall[] | undefined;
}

const WARM_UP = 2;
const NUMBERS = { learningRate: 0.001, bodyLearningRate: 0.001, lossFactor: 1, averageDecay: 0 };

/** The GPU that a trainer is prepared on. */
export const gpuOf = ({ session }: GraphTrainer): GpuGraphDevice => session.device as GpuGraphDevice;

const dispatchesOf = <Name extends string>(prepared: PreparedProgram<Name>, phase: Name) =>
  (prepared as DispatchedProgram<Name>).dispatches[phase];

/** Steps of a trainer on one batch: the whole step, its encoding, its dispatches. */
export async function measureOwnSteps(
  trainer: GraphTrainer,
  model: EfficientNet,
  options: PrepareOptions,
  makeBatch: (gpu: Gpu) => Promise<Batch>,
  steps: number,
): Promise<OwnFigures> {
  const began = performance.now();
  await trainer.prepare(model, options);
  const { gpu, executor } = gpuOf(trainer);
  const batch = await makeBatch(gpu);
  const { prepared } = await trainer.session.stepOf(shapeOfBatch(batch));
  const prepareMs = performance.now() - began;
  const { times, loss } = await timeSteps(trainer, batch, steps);
  const { session } = trainer;
  const dispatches = [dispatchesOf(prepared, 'step'), dispatchesOf(session.changes, 'update')].flat();
  return {
    ...{ prepareMs, loss, stepMs: summarize(times), submits: session.commandBuffers },
    ...{ pipelines: executor.pipelineCount, dispatches: dispatches.length },
    encodeMs: summarize(await timeEncoding(trainer, batch, steps)),
    calls: gpu.device.features.has('timestamp-query')
      ? await timeCalls(trainer, dispatches, Math.ceil(steps / 4))
      : undefined,
  };
}

async function timeSteps(trainer: GraphTrainer, batch: Batch, steps: number) {
  const times: number[] = [];
  let loss = Number.NaN;
  for (let step = 0; step < WARM_UP + steps; step++) {
    const start = performance.now();
    const options = { learningRate: NUMBERS.learningRate, apply: true, lossScale: 1, step };
    ({ loss } = await trainer.trainStep(batch, options));
    if (step >= WARM_UP) times.push(performance.now() - start);
  }
  if (!Number.isFinite(loss)) throw new Error(`the loss after ${WARM_UP + steps} steps is ${loss}`);
  return { times, loss };
}

/** As a step does it, without what it uploads and reads. */
async function timeEncoding(trainer: GraphTrainer, batch: Batch, steps: number): Promise<number[]> {
  const { session } = trainer;
  const device = gpuOf(trainer);
  const { prepared } = await session.stepOf(shapeOfBatch(batch));
  const times: number[] = [];
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    session.change(['clear']);
    session.executor.run(prepared, ['step'], NUMBERS, session.commandBuffers);
    session.change(['update'], NUMBERS);
    times.push(performance.now() - start);
    await device.gpu.done();
  }
  return times;
}

async function timeCalls(
  trainer: GraphTrainer,
  dispatches: Parameters<typeof timeDispatches>[2],
  runs: number,
): Promise<TimedCall[]> {
  const { gpu, executor } = gpuOf(trainer);
  const times: number[][] = [];
  for (let run = 0; run < runs; run++) times.push(await timeDispatches(gpu, executor, dispatches, NUMBERS));
  return dispatches.map(({ call }, i) => ({
    call,
    milliseconds: summarize(times.map((run) => run[i] as number)),
  }));
}
