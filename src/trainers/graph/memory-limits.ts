import type { TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import { BackendError, TrainerError } from '../../core/errors.ts';
import { gibibytes } from '../../core/gibibytes.ts';
import { mebibytes } from '../../core/mebibytes.ts';
import { memoryOf, type ProgramMemory } from '../../graph/plan/memory-use.ts';
import type { BatchShape } from './batch-inputs.ts';

interface Device {
  readonly gpu: { readonly device: Pick<GPUDevice, 'limits'>; readonly adapter: { readonly name: string } };
  readonly isMixed: boolean;
}

/** Prepares a program that fits; throws an error that says which batch would, by the plan's arithmetic, where it does not. */
export async function checkFits<Prepared>(
  session: Device,
  shape: BatchShape,
  program: TensorProgram,
  plan: (shape: BatchShape) => TensorProgram,
  prepare: () => Promise<Prepared>,
): Promise<Prepared> {
  const memory = memoryOf(program, session.isMixed);
  const planned = (rows: number) => ({ rows, memory: memoryOf(plan({ ...shape, rows }), session.isMixed) });
  const reason = reasonAgainst(session, { rows: shape.rows, memory });
  if (reason !== undefined) {
    const fits = (one: PlannedBatch) => reasonAgainst(session, one) === undefined;
    throw tooLarge(shape, memory, reason, largestThatFits(shape.rows, planned, fits));
  }
  try {
    return await prepare();
  } catch (error) {
    if (!(error instanceof BackendError) || error.code !== 'OUT_OF_MEMORY') throw error;
    const half = Math.floor(shape.rows / 2);
    const advice = half > 0 ? planned(half) : undefined;
    throw tooLarge(shape, memory, `${session.gpu.adapter.name} has not got that`, advice, error);
  }
}

interface PlannedBatch {
  readonly rows: number;
  readonly memory: ProgramMemory;
}

/** Why the device's limits do not allow the batch; undefined: they do. */
function reasonAgainst({ gpu: { adapter, device } }: Device, { rows, memory }: PlannedBatch) {
  const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupsPerDimension } = device.limits;
  if (rows > maxComputeWorkgroupsPerDimension)
    return `${adapter.name} computes at most ${maxComputeWorkgroupsPerDimension} images at once`;
  const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  if (memory.largest <= largest) return undefined;
  return `its largest tensor takes ${mebibytes(memory.largest)}, and ${adapter.name} lets a shader use ${mebibytes(largest)} at once`;
}

/** The largest batch that fits, within a 64th of what was asked for. */
function largestThatFits(
  rows: number,
  planned: (rows: number) => PlannedBatch,
  fits: (batch: PlannedBatch) => boolean,
): PlannedBatch | undefined {
  let [low, high] = [0, rows];
  while (high - low > Math.max(1, rows / 64)) {
    const middle = Math.floor((low + high) / 2);
    if (fits(planned(middle))) low = middle;
    else high = middle;
  }
  return low > 0 ? planned(low) : undefined;
}

function tooLarge(
  { rows, width, height }: BatchShape,
  { total, parts }: ProgramMemory,
  reason: string,
  fitting: PlannedBatch | undefined,
  cause?: unknown,
): TrainerError {
  const shares = parts.map(({ name, bytes }) => `${name} ${gibibytes(bytes)}`).join(', ');
  const advice =
    fitting === undefined
      ? 'use smaller images or a smaller model'
      : `a batch of ${fitting.rows} needs ${gibibytes(fitting.memory.total)}`;
  const what = `a batch of ${rows} images of ${width} x ${height} (${gibibytes(total)}: ${shares})`;
  return new TrainerError('OUT_OF_MEMORY', `graph: no GPU memory for ${what}: ${reason}; ${advice}`, {
    cause,
  });
}
