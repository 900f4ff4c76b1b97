import type { TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import type { PreparedProgram } from '../../../backends/tensor-kernels/tensor-executor.ts';
import { BackendError, TrainerError } from '../../core/errors.ts';
import { gibibytes } from '../../core/gibibytes.ts';
import { memoryOf, type ProgramMemory } from '../../graph/plan/memory-use.ts';
import type { BatchShape } from './batch-inputs.ts';
import type { GraphDevice, PlannedBatch } from './devices/graph-device.ts';

type Device = Pick<GraphDevice, 'name' | 'memoryName' | 'reasonAgainst'> & {
  readonly executor: Pick<GraphDevice['executor'], 'isMixed'>;
};
type Plan<Program> = (shape: BatchShape) => Program;

/** A program, and what an executor made of it. */
export interface Ready<Program extends TensorProgram> {
  readonly program: Program;
  readonly prepared: PreparedProgram;
}

/**
 * Prepares the first of the plans' programs that fits; throws an error that says which batch would, by the last plan's arithmetic,
 * where none does.
 */
export async function prepareFitting<Program extends TensorProgram>(
  device: Device,
  shape: BatchShape,
  plans: readonly Plan<Program>[],
  prepare: (program: Program) => Promise<PreparedProgram>,
): Promise<Ready<Program>> {
  let cause: unknown;
  for (const plan of plans) {
    const program = plan(shape);
    const memory = memoryOf(program, device.executor.isMixed);
    if (device.reasonAgainst({ rows: shape.rows, memory }) !== undefined) continue;
    try {
      return { program, prepared: await prepare(program) };
    } catch (error) {
      if (!(error instanceof BackendError) || error.code !== 'OUT_OF_MEMORY') throw error;
      // a leaner plan may fit: other programs have memory too
      cause = error;
    }
  }
  throw whyNoneFits(device, shape, plans, cause);
}

/** @param cause what a plan failed of that fits by arithmetic */
function whyNoneFits(
  device: Device,
  shape: BatchShape,
  plans: readonly Plan<TensorProgram>[],
  cause: unknown,
): TrainerError {
  const { rows } = shape;
  const planned = leanest(device, shape, plans);
  const { memory } = planned(rows);
  if (cause !== undefined) {
    const half = rows > 1 ? planned(Math.floor(rows / 2)) : undefined;
    return tooLarge(device, shape, memory, `${device.name} has not got that`, half, cause);
  }
  const reason = device.reasonAgainst({ rows, memory }) as string;
  const fits = (batch: PlannedBatch) => device.reasonAgainst(batch) === undefined;
  return tooLarge(device, shape, memory, reason, largestThatFits(rows, planned, fits));
}

/** What the leanest plan takes for a batch of so many rows. */
const leanest =
  ({ executor }: Device, shape: BatchShape, plans: readonly Plan<TensorProgram>[]) =>
  (rows: number): PlannedBatch => {
    const plan = plans.at(-1) as Plan<TensorProgram>;
    return { rows, memory: memoryOf(plan({ ...shape, rows }), executor.isMixed) };
  };

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
  { memoryName }: Device,
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
  return new TrainerError('OUT_OF_MEMORY', `graph: no ${memoryName} for ${what}: ${reason}; ${advice}`, {
    cause,
  });
}
