import { BackendError } from '../../src/core/errors.ts';
import type { RawImage, Size, TensorFormat } from '../../src/core/image.ts';
import type { Backend, Executor, FinishRow } from '../backend.ts';
import { type KernelCall, outputSize } from '../kernels/kernel.ts';
import type { PlacedMix } from './finished-row.ts';
import { Finisher } from './finisher.ts';
import { instantiateKernels, type KernelExports, kernelNamed } from './instance.ts';
import { aligned, type MemoryBlock, WasmMemory } from './memory.ts';

/** One thread's WASM kernels. The pool of threads gives one to each worker. */
export const cpuBackend: Backend = {
  name: 'cpu',
  async open() {
    const { kernels, memory } = await instantiateKernels();
    return new CpuExecutor(kernels, new WasmMemory(memory));
  },
};

/**
 * Where rows begin at multiples of 32 bytes, libjpeg-turbo writes them past the cache, from which the first kernel then
 * has to wait for them: 0.2 instead of 0.15 ms for a crop of 500x375 (npm run bench). So an image begins 16 off.
 */
const ODD_ALIGNMENT = 16;

type Argument = number | Uint8Array | Int32Array | Uint32Array;

interface Row {
  readonly block: MemoryBlock;
  readonly size: Size;
}

/**
 * A program reads the source and writes in turn to a block that all rows share and to the row's own, such that its
 * last call writes to the row's.
 */
class CpuExecutor implements Executor {
  readonly #kernels: KernelExports;
  readonly #memory: WasmMemory;
  readonly #finisher: Finisher;
  readonly #rows: Row[] = [];
  #sourceSize: Size = { width: 0, height: 0 };
  #source: MemoryBlock | undefined;
  #between: MemoryBlock | undefined;
  #tables: MemoryBlock | undefined;
  #scratch: MemoryBlock | undefined;

  constructor(kernels: KernelExports, memory: WasmMemory) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#finisher = new Finisher(kernels, memory);
  }

  image(_row: number, size: Size): Buffer {
    this.#sourceSize = { width: size.width, height: size.height };
    this.#source = this.#memory.atLeast(imageBytes(size) + ODD_ALIGNMENT, this.#source);
    return this.#memory.view(this.#sourceAddress, imageBytes(size));
  }

  run(row: number, calls: readonly KernelCall[]): Size {
    let size = this.#sourceSize;
    let largest = 0;
    for (const call of calls) {
      size = outputSize(call, size);
      largest = Math.max(largest, imageBytes(size));
    }
    const block = this.#memory.atLeast(largest || imageBytes(size), this.#rows[row]?.block);
    this.#rows[row] = { block, size };
    if (calls.length > 1) this.#between = this.#memory.atLeast(largest, this.#between);
    if (calls.length === 0) this.#memory.copy(this.#sourceAddress, block.address, imageBytes(size));
    else this.#runInTurn(calls, block.address, this.#between?.address ?? 0);
    return size;
  }

  read(row: number): RawImage {
    const { block, size } = this.#rowAt(row);
    return { ...size, data: Uint8Array.from(this.#memory.view(block.address, imageBytes(size))) };
  }

  finish(rows: readonly FinishRow[], format: TensorFormat, output: Uint8Array): void {
    let offset = 0;
    for (const { row, erase, mix, eraseAfter } of rows) {
      const { block, size } = this.#rowAt(row);
      const own = { address: block.address, erase };
      const result = this.#finisher.finish(own, this.#mixOf(mix), eraseAfter, size, format);
      output.set(result, offset);
      offset += result.length;
    }
  }

  get bytesHeld(): number {
    return this.#memory.bytesHeld;
  }

  /** The instance's memory goes with the executor itself, once nothing holds it. */
  close(): void {
    this.#rows.length = 0;
  }

  get #sourceAddress(): number {
    const address = this.#source?.address ?? 0;
    return address % (2 * ODD_ALIGNMENT) === 0 ? address + ODD_ALIGNMENT : address;
  }

  #runInTurn(calls: readonly KernelCall[], own: number, between: number): void {
    let source = this.#sourceAddress;
    let size = this.#sourceSize;
    for (let left = calls.length - 1; left >= 0; left--) {
      const call = calls[calls.length - 1 - left] as KernelCall;
      const target = left % 2 === 0 ? own : between;
      this.#call(call, source, target, size);
      size = outputSize(call, size);
      source = target;
    }
  }

  #call({ kernel, args }: KernelCall, source: number, target: number, size: Size): void {
    const parameters = [source, target, size.width, size.height];
    this.#addArguments(parameters, kernel.fieldNames, args);
    const scratchBytes = kernel.scratchBytes?.(args, size);
    if (scratchBytes !== undefined) {
      this.#scratch = this.#memory.atLeast(scratchBytes, this.#scratch);
      parameters.push(this.#scratch.address);
    }
    kernelNamed(this.#kernels, kernel.exportName)(...parameters);
  }

  /** One number a field: a scalar as it is, a table as the address of a copy, which lives until the next call. */
  #addArguments(
    parameters: number[],
    names: readonly string[],
    args: Readonly<Record<string, Argument>>,
  ): void {
    let address = this.#roomForTables(names, args);
    for (const name of names) {
      const value = args[name] as Argument;
      if (typeof value === 'number') {
        parameters.push(value);
        continue;
      }
      this.#memory.write(address, value);
      parameters.push(address);
      address += aligned(value.byteLength);
    }
  }

  #roomForTables(names: readonly string[], args: Readonly<Record<string, Argument>>): number {
    let bytes = 0;
    for (const name of names) {
      const value = args[name] as Argument;
      if (typeof value !== 'number') bytes += aligned(value.byteLength);
    }
    if (bytes > 0) this.#tables = this.#memory.atLeast(bytes, this.#tables);
    return this.#tables?.address ?? 0;
  }

  #mixOf(mix: FinishRow['mix']): PlacedMix | undefined {
    if (mix === undefined) return undefined;
    const { address } = this.#rowAt(mix.partner).block;
    return { ...mix, partner: { address, erase: mix.erase } };
  }

  #rowAt(row: number): Row {
    const held = this.#rows[row];
    if (held === undefined) throw new BackendError('ROW_NOT_RUN', `cpu: row ${row} has not been run`);
    return held;
  }
}

const imageBytes = ({ width, height }: Size): number => width * height * 3;
