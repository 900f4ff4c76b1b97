import { Tile } from './wasm-call.as';
import { Window } from './window.as';

// On images of a few pixels most taps of a filter meet nothing: here are only those that do.

// Images of a lazy value that are evaluated at a time have so many pixels at most: frame.ts has the same.
const RUN: usize = 64;

/** Whether an image of outputs is that small, and a chunk has whole images. */
export function isOfSmallImages(window: Window, chunk: usize, sampleRows: usize): bool {
  return window.outWidth < 4 && window.inputSampleRows <= RUN && chunk % sampleRows === 0;
}

export function imagesOfRun(window: Window): usize {
  return RUN / window.inputSampleRows;
}

/** Pixels a and b that meet, in each of several images: lines of pixels, with bytes from one to the next. */
@unmanaged
export class Pairs {
  images: usize;
  aImage: usize;
  bImage: usize;
  outImage: usize;
  lines: usize;
  aLine: usize;
  bLine: usize;
  steps: usize;
  aStep: usize;
  bStep: usize;
}

/** Bytes of a Pairs, rounded up. */
export const PAIRS_BYTES: usize = 48;

/** In each image: out = the sum of a b over the pairs, plus what is `addend` bytes from it, if that is not 0. */
export function gatherPairs(pairs: Pairs, a: usize, b: usize, tile: Tile, out: usize, addend: usize): void {
  for (let i = pairs.images; i > 0; i--) {
    for (let c = tile.from; c < tile.to; c += 16) {
      const sum = Sum.of(pairs, a + c, b + c, f32x4.splat(0));
      v128.store(out + c, addend === 0 ? sum : f32x4.add(sum, v128.load(out + c + addend)));
    }
    a += pairs.aImage;
    b += pairs.bImage;
    out += pairs.outImage;
  }
}

/** out += the sum of a b over the pairs of all images. */
export function addPairs(pairs: Pairs, a: usize, b: usize, tile: Tile, out: usize): void {
  for (let c = tile.from; c < tile.to; c += 16) {
    let sum = v128.load(out + c);
    for (let i: usize = 0; i < pairs.images; i++)
      sum = Sum.of(pairs, a + i * pairs.aImage + c, b + i * pairs.bImage + c, sum);
    v128.store(out + c, sum);
  }
}

class Sum {
  @inline
  static of(pairs: Pairs, a: usize, b: usize, sum: v128): v128 {
    const aStep = pairs.aStep;
    const bStep = pairs.bStep;
    for (let i = pairs.lines; i > 0; i--, a += pairs.aLine, b += pairs.bLine) {
      let p = a;
      let q = b;
      for (let j = pairs.steps; j > 0; j--, p += aStep, q += bStep)
        sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(q)));
    }
    return sum;
  }
}
