import type { ErrorRecord } from '../../core/errors.ts';
import type { Libraries } from '../launcher.ts';

/** What the thread of MPI is started with. */
export interface RankThreadData {
  readonly libraries: Libraries;
  /** Shared numbers, 0 at first, which reach a thread that waits. Their places are those of `Signal`. */
  readonly signals: Int32Array;
}

export const Signal = {
  /** To the thread: end all ranks with this exit code, plus 1. */
  abort: 0,
  /** From the thread: 1 when it has left MPI, -1 when it failed. */
  left: 1,
} as const;

export type RankTask =
  | { readonly kind: 'sum'; readonly vector: Float32Array }
  | { readonly kind: 'gather'; readonly bytes: Uint8Array }
  /** Waits for all ranks, leaves MPI and ends the thread. */
  | { readonly kind: 'close' }
  /** Looks at the signal `abort`, where the thread waits for no other rank. */
  | { readonly kind: 'abort' };

/** Tasks are answered in their order, `close` by the thread's end. The first answer says that MPI is open. */
export type RankAnswer =
  | { readonly kind: 'open'; readonly place: MpiPlace }
  | { readonly kind: 'done'; readonly gathered: readonly Uint8Array[] }
  | { readonly kind: 'failed'; readonly error: ErrorRecord };

/** Which rank this is, as MPI says. */
export interface MpiPlace {
  readonly rank: number;
  readonly size: number;
  /** 'MPICH 5.0.2', and the file it was opened from. */
  readonly library: string;
  readonly path: string;
}
