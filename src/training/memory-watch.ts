import { readFileSync } from 'node:fs';

/**
 * Resident memory that is no file's, in bytes. The pages of a store are the operating system's to drop, and would
 * count as the process's. Resident memory as a whole where the system does not tell (all but Linux).
 */
export function ownMemory(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const status = readFileSync('/proc/self/status', 'utf8');
  const kibibytes = (name: string) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm'))?.[1]);
  // batches lie in shared memory
  return (kibibytes('RssAnon') + kibibytes('RssShmem')) * 1024;
}

/** Growth of the process's own memory after its first batches: what a leak would show. */
export class MemoryWatch {
  readonly #warmupBatches: number;
  #warmupEnd: number;
  #batches = 0;
  #baseline = 0;
  #highest = 0;

  /** @param warmupBatches batches after which buffers, caches and compiled code are taken to be in place */
  constructor(warmupBatches = 32) {
    this.#warmupBatches = warmupBatches;
    this.#warmupEnd = warmupBatches;
  }

  /** To be called after something has been done for the first time that batches do not: an evaluation, say. */
  warmUpAgain(): void {
    this.#warmupEnd = this.#batches + this.#warmupBatches;
  }

  /** To be called once a batch. */
  sample(): void {
    const own = ownMemory();
    if (++this.#batches <= this.#warmupEnd) this.#baseline = Math.max(this.#baseline, own);
    this.#highest = Math.max(this.#highest, own);
  }

  /** Bytes above the highest value of the first batches; undefined while there were not enough batches. */
  get growth(): number | undefined {
    return this.#batches > this.#warmupEnd ? this.#highest - this.#baseline : undefined;
  }
}
