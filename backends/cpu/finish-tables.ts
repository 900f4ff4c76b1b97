import type { TensorFormat } from '../../src/core/image.ts';
import { mixTables, normalizeTable } from '../kernels/finish/tables.ts';
import { noiseNumbers } from '../kernels/finish/terms.ts';
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
const MIX_TABLE_BYTES = aligned(768 * 4);

/** The tables that finish reads, in WASM memory. Those of a format are made once, those of a blend for each lambda. */
export class FinishTables {
  readonly #memory: WasmMemory;
  readonly #mixes: KeptMix[] = [];
  #format: TensorFormat | undefined;
  #normalize: MemoryBlock | undefined;
  #noise: MemoryBlock | undefined;

  constructor(memory: WasmMemory) {
    this.#memory = memory;
  }

  normalize(format: TensorFormat): number {
    if (this.#normalize === undefined || this.#format !== format) {
      const table = normalizeTable(format);
      this.#normalize = this.#memory.atLeast(table.byteLength, this.#normalize);
      this.#memory.write(this.#normalize.address, table);
      this.#format = format;
    }
    return this.#normalize.address;
  }

  mix(format: TensorFormat, lambda: number): PlacedMixTables {
    const known = this.#mixes.find((mix) => mix.lambda === lambda && mix.format === format);
    const { block, shift } = known ?? this.#makeMix(format, lambda);
    return { own: block.address, other: block.address + MIX_TABLE_BYTES, shift };
  }

  /** The values of noise, 256 KiB. */
  noise(): number {
    if (this.#noise === undefined) {
      this.#noise = this.#memory.atLeast(noiseNumbers().byteLength, undefined);
      this.#memory.write(this.#noise.address, noiseNumbers());
    }
    return this.#noise.address;
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
