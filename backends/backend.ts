import type { RawImage, Size, TensorFormat } from '../src/core/image.ts';
import type { RowFinish } from './kernels/finish/row-finish.ts';
import type { KernelCall } from './kernels/kernel.ts';

export type { EraseBox } from './kernels/finish/row-finish.ts';

/**
 * The contract of a backend: `open`, then for each row `image` + `run`, then `finish` for rows together, then
 * `close`. Rows are small numbers, used again and again; a backend keeps memory for as many as it is given.
 * Results of all backends are equal bit for bit (test/contract).
 */
export interface Backend {
  readonly name: string;
  open(): Promise<Executor>;
}

export interface Executor {
  /**
   * Memory for the packed u8 RGB pixels of `row`'s image, `width * height * 3` bytes (a Buffer). Fill it, then call
   * `run` for the same row before asking for the next image: the memory is shared between rows, and moves.
   */
  image(row: number, size: Size): Buffer;
  /** Runs the program's calls, as they are, on the row's image and keeps the result as the row's. Returns its size. */
  run(row: number, program: readonly KernelCall[]): Size;
  /** The row's result as u8 (a copy). */
  read(row: number): RawImage | Promise<RawImage>;
  /**
   * Normalises rows of equal size into `output`, one after the other: as the format says, blended in integers where
   * a row is mixed. `output` has exactly the room that the rows take, from any offset into its buffer.
   */
  finish(rows: readonly FinishRow[], format: TensorFormat, output: Uint8Array): void | Promise<void>;
  /** Why it is of no use any more, such as a lost device; left out where that cannot be. */
  readonly failure?: Error | undefined;
  /** Bytes held now; grows with the largest image seen. */
  readonly bytesHeld: number;
  close(): void | Promise<void>;
}

/** A row of a tensor: its image normalised, erased, mixed with its partner's (erased as well), and erased again. */
export interface FinishRow extends RowFinish {
  readonly row: number;
}
