import { BackendError } from '../../src/core/errors.ts';
import { bufferUsage, type Gpu } from './device/device.ts';
import { readBack } from './device/read-back.ts';
import type { EntryPoint } from './pipelines.ts';

/** What a device's time goes to: the copies of an upload, then dispatches, by the names of their entry points. */
export type TimedWork = 'upload' | EntryPoint;

export interface WorkTime {
  readonly work: TimedWork;
  readonly milliseconds: number;
}

/** More than a processor has dispatches. */
const MOST_TIMESTAMPS = 1024;
const TIMESTAMP_BYTES = 8;

/** One workgroup of it stands in a pass that only notes a moment: Metal notes 0 for a pass without a dispatch. */
const nothing = '@compute @workgroup_size(1) fn nothing() {}';

/**
 * Measures how long a processor's commands take on the device. For benchmarks: each dispatch becomes a pass of its own,
 * and the processor waits for each batch.
 *
 * Only ends of passes are noted, and a time is the span between two of them: drivers may note a pass's beginning while
 * the work before it still runs.
 */
export class DispatchTimer {
  /** How often a processor does a batch's dispatches, each of which is timed. */
  readonly repeats: number;
  readonly #gpu: Gpu;
  readonly #nothing: GPUComputePipeline;
  readonly #timestamps: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  /** What ends at each timestamp but the first. */
  #works: TimedWork[] = [];
  #times: WorkTime[] = [];

  private constructor(gpu: Gpu, nothing: GPUComputePipeline, resolved: GPUBuffer, repeats: number) {
    this.repeats = repeats;
    this.#gpu = gpu;
    this.#nothing = nothing;
    this.#timestamps = gpu.device.createQuerySet({ type: 'timestamp', count: MOST_TIMESTAMPS });
    this.#resolved = resolved;
  }

  static async open(gpu: Gpu, repeats = 1): Promise<DispatchTimer> {
    if (!gpu.device.features.has('timestamp-query'))
      throw new BackendError('NO_TIMESTAMPS', `the GPU ${gpu.adapter.name} has no timestamp queries`);
    const module = gpu.device.createShaderModule({ code: nothing });
    const making = gpu.device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const pipeline = await gpu.wait(making);
    const { COPY_SRC, QUERY_RESOLVE } = bufferUsage;
    const bytes = MOST_TIMESTAMPS * TIMESTAMP_BYTES;
    const resolved = await gpu.allocate('timestamps', bytes, QUERY_RESOLVE | COPY_SRC);
    return new DispatchTimer(gpu, pipeline, resolved, repeats);
  }

  /** Notes the moment from which the encoder's commands are timed. */
  start(encoder: GPUCommandEncoder): void {
    this.#works = [];
    this.#endWithNothing(this.#endOfPass(encoder, 0));
  }

  /** Notes the end of work that has been encoded since. */
  mark(encoder: GPUCommandEncoder, work: TimedWork): void {
    this.#endWithNothing(this.beginPass(encoder, work));
  }

  /** A pass whose end is noted as that of `work`. */
  beginPass(encoder: GPUCommandEncoder, work: TimedWork): GPUComputePassEncoder {
    return this.#endOfPass(encoder, this.#works.push(work));
  }

  /** Waits for the commands, which have been submitted, and adds their times. */
  async read(): Promise<void> {
    const count = this.#works.length + 1;
    const encoder = this.#gpu.device.createCommandEncoder();
    encoder.resolveQuerySet(this.#timestamps, 0, count, this.#resolved, 0);
    const bytes = await readBack(this.#gpu, encoder, this.#resolved, 0, count * TIMESTAMP_BYTES);
    const nanoseconds = new BigUint64Array(bytes);
    for (const [i, work] of this.#works.entries()) {
      const span = (nanoseconds[i + 1] as bigint) - (nanoseconds[i] as bigint);
      this.#times.push({ work, milliseconds: Number(span) / 1e6 });
    }
  }

  /** All times since the last call, in the order of the commands. */
  take(): WorkTime[] {
    const times = this.#times;
    this.#times = [];
    return times;
  }

  close(): void {
    this.#timestamps.destroy();
    this.#resolved.destroy();
  }

  #endWithNothing(pass: GPUComputePassEncoder): void {
    pass.setPipeline(this.#nothing);
    pass.dispatchWorkgroups(1);
    pass.end();
  }

  #endOfPass(encoder: GPUCommandEncoder, endOfPassWriteIndex: number): GPUComputePassEncoder {
    return encoder.beginComputePass({
      timestampWrites: { querySet: this.#timestamps, endOfPassWriteIndex },
    });
  }
}
