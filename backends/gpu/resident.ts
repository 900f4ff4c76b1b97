import type { ResidentTable, ResidentTables } from '../kernels/shader.ts';
import { bufferUsage, type Gpu } from './device/device.ts';
import { withRoom } from './program-words.ts';

const FIRST_WORDS = 1 << 18;
/** Beyond it the tables are made anew: 64 MiB hold the axes of some 10,000 different crops. */
const MOST_WORDS = 1 << 24;

/** Tables that stay on the device from batch to batch: filter coefficients, blends. */
export class Resident implements ResidentTables {
  readonly #gpu: Gpu;
  readonly #tables = new Map<string, ResidentTable>();
  #words = new Uint32Array(FIRST_WORDS);
  #used = 0;
  #uploaded = 0;
  #buffer: GPUBuffer | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  get(key: string, make: () => Int32Array | Uint32Array): ResidentTable {
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const words = make();
    this.#words = withRoom(this.#words, this.#used + words.length);
    this.#words.set(words, this.#used);
    const table = { at: this.#used, words };
    this.#tables.set(key, table);
    this.#used += words.length;
    return table;
  }

  /** To be called before a batch's tables are asked for: those of batches before may go. */
  makeRoom(): void {
    if (this.#used <= MOST_WORDS) return;
    this.#tables.clear();
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

  get bytesHeld(): number {
    return this.#words.byteLength + (this.#buffer?.size ?? 0);
  }

  close(): void {
    this.#buffer?.destroy();
  }
}
