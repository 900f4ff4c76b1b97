import { bytesPerElement, type TensorFormat } from '../../src/core/image.ts';
import { mixTables, normalizeTable } from '../kernels/finish/tables.ts';
import { type KernelExports, kernelNamed } from './instance.ts';
import { aligned, type MemoryBlock, type WasmMemory } from './memory.ts';

/** Runs the finish kernel on images in WASM memory. Tables are made once a format, and once a batch for MixUp. */
export class Finisher {
  readonly #kernels: KernelExports;
  readonly #memory: WasmMemory;
  #result: MemoryBlock | undefined;
  #table: MemoryBlock | undefined;
  #tableFormat: TensorFormat | undefined;
  #mixTables: MemoryBlock | undefined;
  #mix: { format: TensorFormat; lambda: number; shift: number } | undefined;

  constructor(kernels: KernelExports, memory: WasmMemory) {
    this.#kernels = kernels;
    this.#memory = memory;
  }

  /** The elements of the image at `source`, as bytes that are valid until the next call. */
  normalize(source: number, pixels: number, format: TensorFormat): Uint8Array {
    const table = this.#tableFor(format);
    const [bytes, target] = this.#room(pixels, format);
    const run = kernelNamed(this.#kernels, format.dtype === 'float16' ? 'normalizeHalf' : 'normalizeFloat');
    run(source, target, pixels, table, ...elementSteps(pixels, format));
    return this.#memory.view(target, bytes);
  }

  /** The same for lambda times the image at `source` and 1 - lambda times that at `partner`. */
  mix(source: number, partner: number, lambda: number, pixels: number, format: TensorFormat): Uint8Array {
    const [own, other, shift] = this.#mixTablesFor(format, lambda);
    const [bytes, target] = this.#room(pixels, format);
    const elementBytes = bytesPerElement(format.dtype);
    const steps = elementSteps(pixels, format);
    const run = kernelNamed(this.#kernels, 'mix');
    run(source, partner, target, pixels, own, other, shift, elementBytes, ...steps);
    return this.#memory.view(target, bytes);
  }

  #room(pixels: number, { dtype }: TensorFormat): [bytes: number, address: number] {
    const bytes = pixels * 3 * bytesPerElement(dtype);
    this.#result = this.#memory.atLeast(bytes, this.#result);
    return [bytes, this.#result.address];
  }

  #tableFor(format: TensorFormat): number {
    const held = this.#table;
    if (held !== undefined && this.#tableFormat === format) return held.address;
    const table = normalizeTable(format);
    this.#table = this.#memory.atLeast(table.byteLength, held);
    this.#memory.write(this.#table.address, table);
    this.#tableFormat = format;
    return this.#table.address;
  }

  #mixTablesFor(format: TensorFormat, lambda: number): [own: number, other: number, shift: number] {
    this.#mixTables ??= this.#memory.atLeast(2 * MIX_TABLE_BYTES, undefined);
    const own = this.#mixTables.address;
    if (this.#mix?.format !== format || this.#mix.lambda !== lambda) {
      const tables = mixTables(format, lambda);
      this.#memory.write(own, tables.own);
      this.#memory.write(own + MIX_TABLE_BYTES, tables.other);
      this.#mix = { format, lambda, shift: tables.shift };
    }
    return [own, own + MIX_TABLE_BYTES, this.#mix.shift];
  }
}

const MIX_TABLE_BYTES = aligned(768 * 4);

/** Bytes from one pixel's element to the next pixel's, and from one channel's to the next channel's. */
function elementSteps(
  pixels: number,
  { dtype, layout }: TensorFormat,
): [pixelStep: number, channelStep: number] {
  const element = bytesPerElement(dtype);
  return layout === 'nhwc' ? [3 * element, element] : [element, pixels * element];
}
