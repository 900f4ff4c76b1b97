import type { StepNumbers, TensorProgram } from './program.ts';
import type { Tensor, View } from './tensor.ts';

/** A program that an executor has made ready to run. */
export interface PreparedProgram<PhaseName extends string = string> {
  readonly program: TensorProgram<PhaseName>;
}

/** Values to be read as they lie in memory, and what takes them: as many bytes. */
export interface ValueReading {
  readonly view: View;
  readonly into: ArrayBufferView;
}

/** Values that are read together, when so many calls of a phase are made. */
export interface Reading {
  readonly after: number;
  readonly values: readonly ValueReading[];
}

/**
 * Runs tensor programs on a device. Tensors live as long as it does; those of a program's allocations share memory. What is asked
 * for is done in order; what fails is told by the next read.
 */
export interface TensorExecutor {
  /** Whether `store` is float16. */
  readonly isMixed: boolean;
  /** Whether weights lie in panels where a kernel's WasmForm says so. */
  readonly hasPanels: boolean;
  /** Whether values are read while others are computed. */
  readonly overlaps: boolean;
  prepare<PhaseName extends string>(
    program: TensorProgram<PhaseName>,
    onProgress?: (done: number, total: number) => void,
  ): Promise<PreparedProgram<PhaseName>>;
  /** Has phases made, in `parts` pieces where the device works off pieces; does not wait for them. */
  run<PhaseName extends string>(
    prepared: PreparedProgram<PhaseName>,
    phases: readonly PhaseName[],
    step: StepNumbers,
    parts?: number,
  ): void;
  /**
   * As `run`, of one phase. Reads values as soon as so many of its calls are made, if it `overlaps`: then others are made
   * meanwhile. Resolves when all are read.
   * @param readings in the order in which they can be made
   * @param hear is told of each, by its place, when it is there: in order
   */
  runReading<PhaseName extends string>(
    prepared: PreparedProgram<PhaseName>,
    phase: PhaseName,
    step: StepNumbers,
    readings: readonly Reading[],
    hear: (place: number) => void,
    parts?: number,
  ): Promise<void>;
  /**
   * Has an input read from a buffer of somebody else's, until it is lent another; undefined: from its own.
   * @param offset where in the buffer it begins: bytes, a multiple of 256. Default 0
   */
  lend(tensor: Tensor, buffer: GPUBuffer | undefined, offset?: number): void;
  /** Writes values as they lie in memory, which is never memory shared with threads. */
  write(view: View, values: ArrayBufferView<ArrayBuffer>): void;
  /** Writes a large tensor's values, which may lie in memory that threads share; they are copied at once. */
  send(view: View, values: ArrayBufferView): Promise<void>;
  /** Copies of several views at once, after everything asked for before. */
  read(views: readonly View[]): Promise<ArrayBuffer[]>;
  close(): void | Promise<void>;
}
