import type { Box } from '../../../src/core/image.ts';
import type { RowMix } from '../../../src/core/mixing.ts';

/** What is erased of an image and how it is mixed, on its way to a row of a tensor. */
export interface RowFinish {
  /** What of the row's own image is erased before it is mixed with another; a later box covers those before it. */
  readonly erase?: readonly EraseBox[];
  /** The row mixed in, and what of it is erased before. */
  readonly mix?: RowMix & { readonly partner: number; readonly erase?: readonly EraseBox[] };
  readonly eraseAfter?: readonly EraseBox[];
}

/** A part of a normalised image that something else stands in. */
export type EraseBox = Box &
  (
    | {
        /** Elements of its pixels: R, G, B. */
        readonly fill: readonly [number, number, number];
      }
    | {
        /** Key of its normal noise, two words of 32 bits (kernels/normal-noise). */
        readonly noise: readonly [number, number];
      }
  );
