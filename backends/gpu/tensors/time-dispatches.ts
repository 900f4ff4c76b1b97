import { BackendError } from '../../../src/core/errors.ts';
import type { StepNumbers } from '../../tensor-kernels/program.ts';
import { bufferUsage, type Gpu } from '../device/device.ts';
import { readBack } from '../device/read-back.ts';
import type { Dispatch, GpuTensorExecutor } from './tensor-executor.ts';

const TIMESTAMP_BYTES = 8;
/** A driver's watchdog may end a command buffer that takes seconds. */
const DISPATCHES_PER_SUBMIT = 64;

/**
 * Milliseconds that each dispatch takes on the device, by its own clock. For benchmarks: each becomes a pass of its own.
 *
 * A time is the span between two ends of passes: drivers may note a pass's beginning while the work before it still runs.
 * Only the first beginning is noted, before which the device has nothing to do.
 */
export async function timeDispatches(
  gpu: Gpu,
  executor: GpuTensorExecutor,
  dispatches: readonly Dispatch[],
  step: StepNumbers,
): Promise<number[]> {
  if (!gpu.device.features.has('timestamp-query'))
    throw new BackendError('NO_TIMESTAMPS', `the GPU ${gpu.adapter.name} has no timestamp queries`);
  const count = dispatches.length + 1;
  const querySet = gpu.device.createQuerySet({ type: 'timestamp', count });
  const { COPY_SRC, QUERY_RESOLVE } = bufferUsage;
  const resolved = await gpu.allocate('timestamps', count * TIMESTAMP_BYTES, QUERY_RESOLVE | COPY_SRC);
  try {
    await gpu.done();
    let encoder = gpu.device.createCommandEncoder();
    for (const [i, dispatch] of dispatches.entries()) {
      const ends = { querySet, endOfPassWriteIndex: i + 1 };
      const timestampWrites = i === 0 ? { ...ends, beginningOfPassWriteIndex: 0 } : ends;
      const pass = encoder.beginComputePass({ timestampWrites });
      executor.encodeDispatch(pass, dispatch, step);
      pass.end();
      if ((i + 1) % DISPATCHES_PER_SUBMIT > 0) continue;
      gpu.device.queue.submit([encoder.finish()]);
      encoder = gpu.device.createCommandEncoder();
    }
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    return spans(new BigUint64Array(await readBack(gpu, encoder, resolved, 0, count * TIMESTAMP_BYTES)));
  } finally {
    querySet.destroy();
    resolved.destroy();
  }
}

/** Milliseconds between nanoseconds. */
const spans = (moments: BigUint64Array): number[] =>
  [...moments.subarray(1)].map((moment, i) => Number(moment - (moments[i] as bigint)) / 1e6);
