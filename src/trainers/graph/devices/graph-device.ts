import type { TensorExecutor } from '../../../../backends/tensor-kernels/tensor-executor.ts';
import type { MillraceError } from '../../../core/errors.ts';
import type { DeviceTraits } from '../../../graph/plan/device-traits.ts';
import type { ProgramMemory } from '../../../graph/plan/memory-use.ts';

/** A batch, and what its program takes. */
export interface PlannedBatch {
  readonly rows: number;
  readonly memory: ProgramMemory;
}

/** Where a session computes. */
export interface GraphDevice {
  /** For people. */
  readonly name: string;
  /** What memory is called there. */
  readonly memoryName: string;
  readonly executor: TensorExecutor;
  /** What plans have to know: the first is best, those after it take less memory and more time. */
  readonly traits: readonly [DeviceTraits, ...DeviceTraits[]];
  /** What bits may depend on. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the device failed of for good. */
  readonly failure: MillraceError | undefined;
  /** Whether a batch's images are there already. */
  owns(buffer: GPUBuffer): boolean;
  /** Why the device's limits do not allow the batch; undefined: they do. */
  reasonAgainst(batch: PlannedBatch): string | undefined;
  /** Throws the failure, where there is one. */
  check(): void;
  /** The work's result, or the failure that comes before it. */
  wait<Result>(work: Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
