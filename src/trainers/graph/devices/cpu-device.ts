import { MOST_BYTES } from '../../../../backends/cpu/tensors/shared-memory.ts';
import { CpuTensorExecutor } from '../../../../backends/cpu/tensors/tensor-executor.ts';
import { TrainerError } from '../../../core/errors.ts';
import { gibibytes } from '../../../core/gibibytes.ts';
import { cpuTraitsBySpeed } from '../../../graph/plan/device-traits.ts';
import { fitsCpu } from './cpu-memory.ts';
import type { GraphDevice, PlannedBatch } from './graph-device.ts';

/** Threads of the CPU. */
export class CpuGraphDevice implements GraphDevice {
  readonly name = 'WebAssembly';
  readonly memoryName = 'memory';
  readonly traits: GraphDevice['traits'] = cpuTraitsBySpeed;
  readonly environment = { adapter: 'cpu', tier: 'wasm simd' };
  readonly executor: CpuTensorExecutor;

  private constructor(executor: CpuTensorExecutor) {
    this.executor = executor;
  }

  static async open(
    threads?: number,
    onNotice?: (message: string) => void,
    cores?: number,
  ): Promise<CpuGraphDevice> {
    return new CpuGraphDevice(await CpuTensorExecutor.open(threads, onNotice, cores));
  }

  get failure() {
    return this.executor.failure;
  }

  owns(): boolean {
    return false;
  }

  reasonAgainst({ memory }: PlannedBatch): string | undefined {
    if (fitsCpu(memory)) return undefined;
    return `${this.name} has ${gibibytes(MOST_BYTES)} at most`;
  }

  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** A lost thread ends what waits for it. */
  wait<Result>(work: Promise<Result>): Promise<Result> {
    return work;
  }

  close(): Promise<void> {
    return this.executor.close();
  }
}

/** Throws where the CPU cannot compute in the precision. */
export function checkCpuPrecision(precision: string): void {
  if (precision === 'float32') return;
  const message = `graph: the CPU computes in float32 alone, got precision ${precision}; mixed precision needs a GPU`;
  throw new TrainerError('UNSUPPORTED_PRECISION', message);
}
