import type { TableDefinition } from '../kernels/shader.ts';
import { bufferUsage, type Gpu } from './device/device.ts';
import { TABLE_WORDS, tableField } from './image-plan.ts';
import { NumberTree } from './number-tree.ts';
import { withRoom } from './program-words.ts';
import { residentTables } from './wgsl/modules.ts';

const FIRST_WORDS = 1 << 18;
/** Beyond it the tables are made anew: 64 MiB hold the axes of some 10,000 different crops. */
const MOST_WORDS = 1 << 24;

/** Tables that stay on the device from batch to batch: filter coefficients, blends. */
export class Resident {
  readonly #gpu: Gpu;
  /** The index of each table's first word. */
  readonly #named = new Map<string, number>();
  readonly #planned = new NumberTree<number>();
  #words = new Uint32Array(FIRST_WORDS);
  #used = 0;
  #uploaded = 0;
  #buffer: GPUBuffer | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** The index of the first word of this key's table, made where it is not there yet. Equal keys must mean equal tables. */
  get(key: string, make: () => Int32Array | Uint32Array): number {
    const known = this.#named.get(key);
    if (known !== undefined) return known;
    const at = this.#add(make());
    this.#named.set(key, at);
    return at;
  }

  /** The same of a table that a plan needs: its record begins at `table` of the plan's words, its words may be at `coming`. */
  place(plan: Uint32Array, table: number, coming: number): number {
    const [start, end] = [table + tableField.definition, table + TABLE_WORDS];
    const known = this.#planned.get(plan, start, end);
    if (known !== undefined) return known;
    const count = plan[table + tableField.coming] as number;
    const at = this.#add(count > 0 ? plan.subarray(coming, coming + count) : made(plan, start, end));
    this.#planned.set(plan, start, end, at);
    return at;
  }

  /** To be called before a batch's tables are asked for: those of batches before may go. */
  makeRoom(): void {
    if (this.#used <= MOST_WORDS) return;
    this.#named.clear();
    this.#planned.clear();
    this.#used = 0;
    this.#uploaded = 0;
  }

  /** The buffer, with all tables in it for the commands that are submitted from now on. */
  async upload(): Promise<GPUBuffer> {
    if (this.#buffer === undefined || this.#buffer.size < this.#words.byteLength) {
      const { COPY_DST, STORAGE } = bufferUsage;
      const larger = await this.#gpu.allocate('tables', this.#words.byteLength, STORAGE | COPY_DST);
      this.#buffer?.destroy();
      this.#buffer = larger;
      this.#uploaded = 0;
    }
    const [from, to] = [this.#uploaded, this.#used];
    // in the queue's order: what was submitted before still reads what was there before
    if (to > from) this.#gpu.device.queue.writeBuffer(this.#buffer, from * 4, this.#words, from, to - from);
    this.#uploaded = to;
    return this.#buffer;
  }

  #add(words: Int32Array | Uint32Array): number {
    const at = this.#used;
    this.#used += words.length;
    this.#words = withRoom(this.#words, this.#used);
    this.#words.set(words, at);
    return at;
  }

  get bytesHeld(): number {
    return this.#words.byteLength + (this.#buffer?.size ?? 0);
  }

  close(): void {
    this.#buffer?.destroy();
  }
}

/** The words of a table by its definition and parameters. */
function made(plan: Uint32Array, start: number, end: number): Int32Array | Uint32Array {
  const { make } = residentTables[plan[start] as number] as TableDefinition;
  return make(...plan.subarray(start + 1, end)).words;
}
