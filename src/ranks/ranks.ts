/**
 * The processes that train together, seen from one of them. Every rank calls `sum` and `gather` in the same order; calls that are not
 * awaited are made one after the other. A rank that is alone needs no launcher and no MPI.
 */
export interface Ranks {
  /** This process's number, 0..size - 1. */
  readonly rank: number;
  readonly size: number;
  /** Its number among the ranks of this host, and how many those are. */
  readonly localRank: number;
  readonly localSize: number;
  /** The library that carries the bytes, as it names itself; undefined where a rank is alone. */
  readonly library: string | undefined;
  /** Memory that `sum` takes without a copy. */
  allocate(length: number): Float32Array;
  /**
   * Adds up the vectors of all ranks, in place: each has the same sum afterwards, to the last bit. Values are added as a full binary
   * tree over the ranks, neighbours first, whatever the library would do. All vectors are as long.
   */
  sum(vector: Float32Array): Promise<void>;
  /** What each rank gives, in the order of the ranks. It may be of another length on each. */
  gather(bytes: Uint8Array): Promise<Uint8Array[]>;
  /** Ends all ranks now: the launcher ends with this exit code. What is to be said is to be written before. */
  abort(exitCode: number): Promise<never>;
  /** Leaves the others in peace, when all have come to this point. */
  close(): Promise<void>;
}

/** A rank of one: what a process is that no launcher started. */
export const alone: Ranks = {
  ...{ rank: 0, size: 1, localRank: 0, localSize: 1, library: undefined },
  allocate: (length) => new Float32Array(length),
  sum: async () => {},
  gather: async (bytes) => [bytes.slice()],
  abort: async (exitCode) => process.exit(exitCode),
  close: async () => {},
};
