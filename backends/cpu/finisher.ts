import type { Size, TensorFormat } from '../../src/core/image.ts';
import type { EraseBox } from '../backend.ts';
import { BoxFinisher } from './box-finisher.ts';
import { FinishTables } from './finish-tables.ts';
import { FinishedRow, type PlacedLayer, type PlacedMix } from './finished-row.ts';
import { type KernelExports, kernelNamed } from './instance.ts';
import type { MemoryBlock, WasmMemory } from './memory.ts';

/** Makes rows of a tensor of images in WASM memory: whole ones by the finish kernel, then what boxes put over them. */
export class Finisher {
  readonly #kernels: KernelExports;
  readonly #memory: WasmMemory;
  readonly #tables: FinishTables;
  readonly #boxes: BoxFinisher;
  #result: MemoryBlock | undefined;

  constructor(kernels: KernelExports, memory: WasmMemory) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#tables = new FinishTables(kernels, memory);
    this.#boxes = new BoxFinisher(kernels, memory, this.#tables);
  }

  /** The elements of a row of images of this size, as bytes that are valid until the next call. */
  finish(
    own: PlacedLayer,
    mix: PlacedMix | undefined,
    eraseAfter: readonly EraseBox[] | undefined,
    size: Size,
    format: TensorFormat,
  ): Uint8Array {
    const row = this.#rowOf(size, format);
    if (mix === undefined || mix.box !== undefined) {
      this.#normalize(row, own);
      this.#boxes.erase(row, own.erase);
      if (mix?.box !== undefined) this.#boxes.layer(row, mix.partner, mix.box);
    } else {
      this.#mix(row, own, mix);
      this.#boxes.blend(row, own, mix);
    }
    this.#boxes.erase(row, eraseAfter);
    return this.#memory.view(row.address, row.bytes);
  }

  #normalize(row: FinishedRow, layer: PlacedLayer): void {
    const { address, tables } = layer;
    const factors = tables === undefined ? this.#tables.halfFactors(row.format) : undefined;
    if (factors !== undefined) {
      kernelNamed(this.#kernels, 'normalizeHalfFast')(address, row.address, row.pixels, factors);
      return;
    }
    const table = this.#tables.normalize(layer, row.format);
    const run = kernelNamed(this.#kernels, row.elementBytes === 2 ? 'normalizeHalf' : 'normalizeFloat');
    run(address, row.address, row.pixels, table, row.pixelStep, row.channelStep);
  }

  /** Lambda times the own image and 1 - lambda times the partner. */
  #mix(row: FinishedRow, layer: PlacedLayer, mix: PlacedMix): void {
    const { own, other, shift } = this.#tables.mix(layer, mix, row.format);
    const { pixels, elementBytes, pixelStep, channelStep } = row;
    const run = kernelNamed(this.#kernels, 'mix');
    const tables = [own, other, shift] as const;
    run(
      layer.address,
      mix.partner.address,
      row.address,
      pixels,
      ...tables,
      elementBytes,
      pixelStep,
      channelStep,
    );
  }

  #rowOf(size: Size, format: TensorFormat): FinishedRow {
    const { bytes } = new FinishedRow(0, size, format);
    this.#result = this.#memory.atLeast(bytes, this.#result);
    return new FinishedRow(this.#result.address, size, format);
  }
}
