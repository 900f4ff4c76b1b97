import { describe, expect, it } from 'vitest';
import type { TensorProgram } from '../../../../backends/tensor-kernels/program.ts';
import { BackendError, TrainerError } from '../../../../src/core/errors.ts';
import { modelGraph } from '../../../../src/graph/model-graph.ts';
import { cpuTraitsBySpeed, gpuTraits } from '../../../../src/graph/plan/device-traits.ts';
import { memoryOf } from '../../../../src/graph/plan/memory-use.ts';
import { planParameters } from '../../../../src/graph/plan/parameter-plan.ts';
import { type StepProgram, stepProgram } from '../../../../src/graph/plan/programs.ts';
import { efficientNet } from '../../../../src/models/efficientnet.ts';
import type { BatchShape } from '../../../../src/trainers/graph/batch-inputs.ts';
import { reasonAgainst } from '../../../../src/trainers/graph/devices/gpu-device.ts';
import type { PlannedBatch } from '../../../../src/trainers/graph/devices/graph-device.ts';
import { prepareFitting } from '../../../../src/trainers/graph/memory-limits.ts';

const model = efficientNet({ width: 0.25, depth: 0.25, classes: 3, resolution: 64 });

/** A step of a batch of this shape. */
function plan({ rows, height, width, images }: BatchShape, device = gpuTraits()): StepProgram {
  const training = { labelSmoothing: 0 };
  const graph = modelGraph(model, { rows, height, width, images, training });
  const options = { settings: { optimizer: 'sgd' }, isMixed: true, device } as const;
  return stepProgram(graph, planParameters(graph.graph, options));
}
const shape: BatchShape = { rows: 48, height: 64, width: 64, images: 'f16' };
const largestOf = (rows: number) => memoryOf(plan({ ...shape, rows }), true).largest;

/** A device that lets a shader use so many bytes of a tensor, and has so many workgroups in a row. */
const deviceOf = (
  maxStorageBufferBindingSize: number,
  maxBufferSize = 2 ** 40,
  maxComputeWorkgroupsPerDimension = 65_535,
) => ({
  ...{ name: 'a small GPU', memoryName: 'GPU memory', executor: { isMixed: true } },
  reasonAgainst: (batch: PlannedBatch) =>
    reasonAgainst(
      'a small GPU',
      { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupsPerDimension },
      batch,
    ),
});
const check = (
  device: ReturnType<typeof deviceOf>,
  prepare = async (program: TensorProgram) => ({ program }),
) => prepareFitting(device, shape, [(one: BatchShape) => plan(one)], prepare);
const failureOf = (checked: Promise<unknown>): Promise<TrainerError> =>
  checked.then(
    () => Promise.reject(new Error('it fits')),
    (reason: TrainerError) => reason,
  );
const rowsNamed = (error: TrainerError): number =>
  Number(/; a batch of (\d+) needs/.exec(error.message)?.[1]);

describe('a batch that does not fit', () => {
  it.each(['what a shader may bind', 'what a buffer may have'])(
    'names the largest that fits: %s',
    async (which) => {
      const limit = largestOf(20);
      const device = which.includes('bind') ? deviceOf(limit) : deviceOf(2 ** 40, limit);
      const error = await failureOf(check(device));
      expect(error).toBeInstanceOf(TrainerError);
      expect(error.code).toBe('OUT_OF_MEMORY');
      expect(error.message).toMatch(
        /^graph: no GPU memory for a batch of 48 images of 64 x 64 \([\d.]+ MiB: .*activations [\d.]+ MiB.*\): its largest tensor takes [\d.]+ MiB, and a small GPU lets a shader use [\d.]+ MiB at once; a batch of \d+ needs [\d.]+ MiB$/,
      );
      // within a 64th of the batch
      expect(rowsNamed(error)).toBe(20);
      expect(largestOf(rowsNamed(error))).toBeLessThanOrEqual(limit);
      expect(largestOf(rowsNamed(error) + 1)).toBeGreaterThan(limit);
    },
  );

  it('asks for smaller images where no batch would', async () => {
    await expect(check(deviceOf(largestOf(1) - 1))).rejects.toThrow(/use smaller images or a smaller model$/);
  });

  it('has no more images than a device has workgroups: some kernels take one for each', async () => {
    const check48 = check(deviceOf(2 ** 40, 2 ** 40, 33));
    await expect(check48).rejects.toThrow(
      /: a small GPU computes at most 33 images at once; a batch of 33 needs/,
    );
  });

  it('is told of by half where the driver has no memory', async () => {
    const cause = new BackendError('OUT_OF_MEMORY', 'no GPU memory for activations');
    const error = await failureOf(check(deviceOf(2 ** 40), () => Promise.reject(cause)));
    expect(error).toMatchObject({ code: 'OUT_OF_MEMORY', cause });
    expect(error.message).toContain('a small GPU has not got that; a batch of 24 needs ');
  });

  it('is not blamed for what else may fail', async () => {
    const cause = new BackendError('DEVICE_LOST', 'the GPU device is lost');
    await expect(check(deviceOf(2 ** 40), () => Promise.reject(cause))).rejects.toBe(cause);
  });
});

it('prepares a batch that fits', async () => {
  const { program, prepared } = await check(deviceOf(largestOf(48)));
  expect(prepared.program).toBe(program);
});

it('prepares a leaner plan where the memory that a better one needs is taken', async () => {
  const plans = cpuTraitsBySpeed.map((device) => (one: BatchShape) => plan(one, device));
  const refused: TensorProgram[] = [];
  const { program } = await prepareFitting(deviceOf(2 ** 40), shape, plans, async (one) => {
    if (refused.push(one) === plans.length) return { program: one };
    throw new BackendError('OUT_OF_MEMORY', 'other programs have it');
  });
  expect(refused.map((one) => memoryOf(one, true).total)).toEqual(
    plans.map((one) => memoryOf(one(shape), true).total),
  );
  expect(program).toBe(refused.at(-1));
});
