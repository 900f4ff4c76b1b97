import { bytesPerElement, type TensorFormat, type TensorType } from '../../src/core/image.ts';
import { areTable, everyByte, halfFactors } from '../kernels/finish/half-factors.ts';
import { mixTables, normalizeTable } from '../kernels/finish/tables.ts';
import { noiseNumbers } from '../kernels/finish/terms.ts';
import type { PlacedLayer, PlacedMix } from './finished-row.ts';
import { type KernelExports, kernelNamed } from './instance.ts';
import { aligned, type MemoryBlock, type WasmMemory } from './memory.ts';

/** Addresses of the weights of a blend. */
export interface PlacedMixTables {
  readonly own: number;
  readonly other: number;
  readonly shift: number;
}

interface KeptMix {
  readonly block: MemoryBlock;
  readonly format: TensorFormat;
  readonly lambda: number;
  readonly shift: number;
}

/** Of batches that are made at the same time, each with its lambda; where rows have their own, none is used twice. */
const MOST_MIXES = 8;
/** Of `halfFactors`. */
const FACTOR_BYTES = 96;
const MIX_TABLE_BYTES = aligned(768 * 4);

/** The tables that finish reads, in WASM memory. Those of a format are made once, those of a blend for each lambda. */
export class FinishTables {
  readonly #kernels: KernelExports;
  readonly #memory: WasmMemory;
  readonly #mixes: KeptMix[] = [];
  #format: TensorFormat | undefined;
  #normalize: MemoryBlock | undefined;
  /** Undefined where the format has none. */
  #halfFactors: MemoryBlock | undefined;
  #trial: MemoryBlock | undefined;
  #noise: MemoryBlock | undefined;
  #composedRoom: MemoryBlock | undefined;

  constructor(kernels: KernelExports, memory: WasmMemory) {
    this.#kernels = kernels;
    this.#memory = memory;
  }

  /** Of a layer whose pixels may still have to go through tables. */
  normalize({ tables }: PlacedLayer, format: TensorFormat): number {
    const { address } = this.#tablesOf(format);
    return tables === undefined ? address : this.#composed(tables, address, format.dtype, 0);
  }

  /** Factors by which `normalizeHalfFast` makes the table's own halves; undefined where a format's cannot be made so. */
  halfFactors(format: TensorFormat): number | undefined {
    this.#tablesOf(format);
    return this.#halfFactors?.address;
  }

  mix(own: PlacedLayer, { partner, lambda }: PlacedMix, format: TensorFormat): PlacedMixTables {
    const known = this.#mixes.find((mix) => mix.lambda === lambda && mix.format === format);
    const { block, shift } = known ?? this.#makeMix(format, lambda);
    const through = (tables: number | undefined, table: number, place: 0 | 1) =>
      tables === undefined ? table : this.#composed(tables, table, 'float32', place);
    return {
      own: through(own.tables, block.address, 0),
      other: through(partner.tables, block.address + MIX_TABLE_BYTES, 1),
      shift,
    };
  }

  /** The values of noise, 256 KiB. */
  noise(): number {
    if (this.#noise === undefined) {
      this.#noise = this.#memory.atLeast(noiseNumbers().byteLength, undefined);
      this.#memory.write(this.#noise.address, noiseNumbers());
    }
    return this.#noise.address;
  }

  /** A table of elements for bytes before they go through `tables`. There are two places, each of which holds the last one. */
  #composed(tables: number, table: number, dtype: TensorType, place: 0 | 1): number {
    this.#composedRoom ??= this.#memory.atLeast(2 * MIX_TABLE_BYTES, undefined);
    const target = this.#composedRoom.address + place * MIX_TABLE_BYTES;
    kernelNamed(this.#kernels, 'composeTables')(tables, table, target, bytesPerElement(dtype));
    return target;
  }

  #tablesOf(format: TensorFormat): MemoryBlock {
    if (this.#normalize !== undefined && this.#format === format) return this.#normalize;
    const table = normalizeTable(format);
    this.#normalize = this.#memory.atLeast(table.byteLength, this.#normalize);
    this.#memory.write(this.#normalize.address, table);
    const isFast = table instanceof Uint16Array && format.layout === 'nhwc';
    this.#halfFactors = isFast ? this.#tryFactors(format, table) : undefined;
    this.#format = format;
    return this.#normalize;
  }

  /** The factors in memory, where the kernel makes the table's halves with them. */
  #tryFactors(format: TensorFormat, table: Uint16Array): MemoryBlock | undefined {
    const bytes = everyByte();
    const factors = halfFactors(format);
    const block = this.#memory.atLeast(FACTOR_BYTES + aligned(bytes.length) + 2 * bytes.length, this.#trial);
    this.#trial = block;
    const source = block.address + FACTOR_BYTES;
    const target = source + aligned(bytes.length);
    this.#memory.write(block.address, factors);
    this.#memory.write(source, bytes);
    kernelNamed(this.#kernels, 'normalizeHalfFast')(source, target, bytes.length / 3, block.address);
    const made = Uint8Array.from(this.#memory.view(target, 2 * bytes.length));
    return areTable(new Uint16Array(made.buffer), table) ? block : undefined;
  }

  #makeMix(format: TensorFormat, lambda: number): KeptMix {
    const { own, other, shift } = mixTables(format, lambda);
    // in the place of the oldest
    const oldest = this.#mixes.length === MOST_MIXES ? this.#mixes.shift() : undefined;
    const block = this.#memory.atLeast(2 * MIX_TABLE_BYTES, oldest?.block);
    this.#memory.write(block.address, own);
    this.#memory.write(block.address + MIX_TABLE_BYTES, other);
    const mix = { block, format, lambda, shift };
    this.#mixes.push(mix);
    return mix;
  }
}
