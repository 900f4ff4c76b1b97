import type { PlacedCall } from './call-block.ts';

/** What a thread of a team is opened with. */
export interface TeamThreadData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Words of the barrier. */
  readonly barrier: Int32Array;
  /** The thread's number. */
  readonly thread: number;
}

/** Lists of calls are told once, and made by their numbers from then on. */
export type TeamTask =
  | { readonly kind: 'define'; readonly list: number; readonly calls: readonly PlacedCall[] }
  | MakeTask;

export interface MakeTask {
  readonly kind: 'make';
  readonly lists: readonly number[];
  /** The first so many threads make them. */
  readonly threads: number;
  /** The address of this thread's scratch memory. */
  readonly scratch: number;
  /** Whether to say what each call took. */
  readonly isTimed: boolean;
}

/** After the last barrier the first thread says that all is done; any thread says what it failed of. */
export type TeamAnswer =
  | { readonly kind: 'ready' }
  /** Milliseconds of each call, where they were asked for. */
  | { readonly kind: 'done'; readonly times: readonly number[] }
  | { readonly kind: 'failed'; readonly reason: string };
