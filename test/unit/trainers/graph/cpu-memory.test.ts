import { describe, expect, it } from 'vitest';
import { SharedMemory } from '../../../../backends/cpu/tensors/shared-memory.ts';
import type { CpuTensorExecutor } from '../../../../backends/cpu/tensors/tensor-executor.ts';
import { TensorPlaces } from '../../../../backends/cpu/tensors/tensor-places.ts';
import type { TensorProgram } from '../../../../backends/tensor-kernels/program.ts';
import type { TrainerError } from '../../../../src/core/errors.ts';
import { modelGraph } from '../../../../src/graph/model-graph.ts';
import { cpuTraitsBySpeed, type DeviceTraits } from '../../../../src/graph/plan/device-traits.ts';
import { memoryOf, type ProgramMemory } from '../../../../src/graph/plan/memory-use.ts';
import { planParameters } from '../../../../src/graph/plan/parameter-plan.ts';
import { evaluationProgram, stepProgram } from '../../../../src/graph/plan/programs.ts';
import { efficientNet } from '../../../../src/models/efficientnet.ts';
import { fitsCpu } from '../../../../src/trainers/graph/devices/cpu-memory.ts';
import { GraphTrainer } from '../../../../src/trainers/graph/graph-trainer.ts';
import { makeBatch, trainingSettings as settings } from '../../../support/trainers.ts';

const model = efficientNet({ variant: 'b0' });
const size = 224;
const parameters = planParameters(modelGraph(model, { ...shapeOf(1) }).graph, {
  ...{ settings, isMixed: false, device: cpuTraitsBySpeed[0] },
});

function shapeOf(rows: number) {
  return { rows, height: size, width: size, images: 'f32' } as const;
}

const stepOf = (rows: number, device: DeviceTraits) =>
  stepProgram(modelGraph(model, { ...shapeOf(rows), training: { labelSmoothing: 0 } }), {
    ...parameters,
    device,
  });
const evaluationOf = (rows: number, device: DeviceTraits) =>
  evaluationProgram(modelGraph(model, shapeOf(rows)), { ...parameters, device }, parameters.weights);

/** The program that a trainer takes, and which of the plans it is. */
function taken(plan: (device: DeviceTraits) => TensorProgram): { place: number; program: TensorProgram } {
  const programs = cpuTraitsBySpeed.map(plan);
  const place = programs.findIndex((program) => fitsCpu(memoryOf(program, false)));
  return { place, program: programs[place] as TensorProgram };
}
const stepTaken = (rows: number) => taken((device) => stepOf(rows, device));

const activationsOf = (memory: ProgramMemory) =>
  memory.parts.find(({ name }) => name === 'activations')?.bytes as number;

/** Bytes of the values between convolutions, of which each is needed until its gradient is known. */
function convolvedBytes(rows: number): number {
  let edge = size;
  let values = 0;
  const units = model.blocks.flatMap(({ expand, depthwise, project }) => [expand, depthwise, project]);
  for (const unit of [model.stem, ...units, model.features]) {
    if (unit === undefined) continue;
    edge = Math.ceil(edge / unit.stride);
    values += edge * edge * unit.outChannels;
  }
  return 4 * rows * values;
}

describe('B0 at 224 pixels in float32 on the CPU', () => {
  it.each([
    [32, 0],
    [56, 1],
    [64, 2],
    [96, 2],
  ])('stores as much of a batch of %i as 4 GiB hold: plan %i', (rows, place) => {
    const { place: actual, program } = stepTaken(rows);
    expect(actual).toBe(place);
    const memory = memoryOf(program, false);
    expect(memory.total).toBeLessThan(2 ** 32);
    const activations = activationsOf(memory) / convolvedBytes(rows);
    expect(activations).toBeGreaterThan(1);
    // the leanest stores sums of residual blocks beside these
    expect(activations).toBeLessThan([2.4, 2.1, 1.1][place] as number);
  });

  it('has memory for the last batch of an epoch and for evaluation after batches of 64', () => {
    const memory = new SharedMemory();
    const places = new TensorPlaces(memory);
    const step = stepTaken(64);
    const last = stepTaken(40);
    // what is stored of fewer images lies in more tensors
    expect([step.place, last.place]).toEqual([2, 0]);
    for (const { program } of [step, last, taken((device) => evaluationOf(128, device)), stepTaken(1)])
      places.allocate(program);
    const [larger, inputs] = [memoryOf(last.program, false).total, 128 * size * size * 3 * 4];
    expect(memory.bytesHeld).toBeLessThan(1.05 * larger + 2 * inputs);
  });

  it('refuses a batch of 4096 and names one that fits', async () => {
    const trainer = new GraphTrainer({ device: 'cpu', threads: 1 });
    await trainer.prepare(model, { precision: 'float32', seed: 0, settings });
    const labels = new Int32Array(4096);
    const batch = makeBatch({ images: new Float32Array(0), shape: [4096, size, size, 3], labels });
    const step = { learningRate: 0, apply: true, lossScale: 1, step: 0 };
    const error: TrainerError = await trainer.trainStep(batch, step).catch((reason) => reason);
    // weights and what is trained with them
    expect((trainer.session.executor as CpuTensorExecutor).bytesHeld).toBeLessThan(2 ** 27);
    await trainer.close();
    expect(error.code).toBe('OUT_OF_MEMORY');
    expect(error.message).toMatch(/: WebAssembly has 4\.0+ GiB at most; a batch of \d+ needs [\d.]+ GiB$/);
    const rows = Number(/a batch of (\d+) needs/.exec(error.message)?.[1]);
    expect(rows).toBeGreaterThanOrEqual(64);
    expect(stepTaken(rows).place).toBeGreaterThanOrEqual(0);
  });
});
