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

/** Lists of calls are told once, and made by their numbers from then on: by the first `threads` threads. */
export type TeamTask =
  | { readonly kind: 'define'; readonly list: number; readonly calls: readonly PlacedCall[] }
  | {
      readonly kind: 'make';
      readonly lists: readonly number[];
      readonly threads: number;
      readonly scratch: number;
    };

/** After the last barrier the first thread says that all is done; any thread says what it failed of. */
export type TeamAnswer =
  | { readonly kind: 'ready' | 'done' }
  | { readonly kind: 'failed'; readonly reason: string };
