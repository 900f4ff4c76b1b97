import { hostname } from 'node:os';
import type { Launcher } from './launcher.ts';
import type { Ranks } from './ranks.ts';
import type { MpiThread } from './thread/mpi-thread.ts';

/** The ranks that a launcher started, by way of MPI. */
export class MpiRanks implements Ranks {
  readonly rank: number;
  readonly size: number;
  readonly localRank: number;
  readonly localSize: number;
  readonly library: string;
  readonly #thread: MpiThread;
  #closing: Promise<void> | undefined;

  private constructor(thread: MpiThread, { localRank, localSize }: OnHost) {
    const { rank, size, library } = thread.place;
    this.rank = rank;
    this.size = size;
    this.library = library;
    this.localRank = localRank;
    this.localSize = localSize;
    this.#thread = thread;
  }

  static async of(thread: MpiThread, launcher: Launcher): Promise<MpiRanks> {
    const ranks = new MpiRanks(thread, await onHost(thread, launcher));
    process.once('beforeExit', (exitCode) => ranks.#leave(exitCode));
    return ranks;
  }

  allocate(length: number): Float32Array {
    return new Float32Array(new SharedArrayBuffer(4 * length));
  }

  async sum(vector: Float32Array): Promise<void> {
    if (vector.buffer instanceof SharedArrayBuffer) return this.#thread.sum(vector);
    const shared = this.allocate(vector.length);
    shared.set(vector);
    await this.#thread.sum(shared);
    vector.set(shared);
  }

  async gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    const gathered = await this.#thread.gather(new Uint8Array(bytes));
    // out of shared memory, which not every function of Node takes
    return gathered.map((one) => new Uint8Array(one));
  }

  abort(exitCode: number): Promise<never> {
    return this.#thread.abort(exitCode);
  }

  close(): Promise<void> {
    this.#closing ??= this.#thread.close('closing');
    return this.#closing;
  }

  /**
   * Where a process comes to its end without `close`: in peace if it did its work, however long others still work on their own;
   * else they must not wait for it.
   */
  async #leave(exitCode: number): Promise<void> {
    if (this.#closing) return this.#closing;
    if (exitCode !== 0 || !this.#thread.isUsable) return this.abort(exitCode || 1);
    this.#closing = this.#thread.close();
    return this.#closing;
  }
}

interface OnHost {
  readonly localRank: number;
  readonly localSize: number;
}

/** A rank's number among those of its host, and how many those are: as the launcher says, else by the hosts' names. */
async function onHost(thread: MpiThread, { localRank, localSize }: Launcher): Promise<OnHost> {
  const names = await thread.gather(new TextEncoder().encode(hostname()));
  if (localRank !== undefined && localSize !== undefined) return { localRank, localSize };
  const hosts = names.map((name) => Buffer.from(name).toString());
  const own = (host: string) => host === hosts[thread.place.rank];
  return {
    localRank: hosts.slice(0, thread.place.rank).filter(own).length,
    localSize: hosts.filter(own).length,
  };
}
