import { RUN } from './frame.as';
import { Tile } from './wasm-call.as';
import { Window } from './window.as';

// On images of a few pixels most taps of a filter meet nothing: here are only those that do.

/** Whether an image of outputs is that small: at most `widest` pixels wide. And a chunk has whole images, of `sampleRows`. */
export function isOfSmallImages(window: Window, widest: usize, sampleRows: usize): bool {
  return window.outWidth <= widest && window.inputSampleRows <= RUN && window.chunk % sampleRows === 0;
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
    sumPairs(pairs, 1, a, b, tile, out, addend === 0 ? 0 : out + addend);
    a += pairs.aImage;
    b += pairs.bImage;
    out += pairs.outImage;
  }
}

/** out += the sum of a b over the pairs of all images. */
export function addPairs(pairs: Pairs, a: usize, b: usize, tile: Tile, out: usize): void {
  sumPairs(pairs, pairs.images, a, b, tile, out, out);
}

/** out = the sum, plus what is at `first` where that is not 0. */
function sumPairs(
  pairs: Pairs,
  images: usize,
  a: usize,
  b: usize,
  tile: Tile,
  out: usize,
  first: usize,
): void {
  let c = tile.from;
  for (; c + 64 <= tile.to; c += 64)
    Sums.of(4, pairs, images, a + c, b + c, out + c, first === 0 ? 0 : first + c);
  for (; c < tile.to; c += 16) Sums.of(1, pairs, images, a + c, b + c, out + c, first === 0 ? 0 : first + c);
}

class Sums {
  @inline
  static plus(sum: v128, value: v128, factor: v128): v128 {
    return f32x4.add(sum, f32x4.mul(value, factor));
  }

  @inline
  static put(to: usize, sum: v128, first: usize): void {
    v128.store(to, first === 0 ? sum : f32x4.add(sum, v128.load(first)));
  }

  /** Of 16 channels or of 4: the number of vectors is a constant. */
  @inline
  static of(vectors: usize, pairs: Pairs, images: usize, a: usize, b: usize, out: usize, first: usize): void {
    let s0 = f32x4.splat(0);
    let s1 = s0,
      s2 = s0,
      s3 = s0;
    const aStep = pairs.aStep;
    const bStep = pairs.bStep;
    const steps = pairs.steps;
    for (let image = images; image > 0; image--, a += pairs.aImage, b += pairs.bImage) {
      let aLine = a;
      let bLine = b;
      for (let i = pairs.lines; i > 0; i--, aLine += pairs.aLine, bLine += pairs.bLine) {
        let p = aLine;
        let q = bLine;
        for (let j = steps; j > 0; j--, p += aStep, q += bStep) {
          s0 = Sums.plus(s0, v128.load(p), v128.load(q));
          if (vectors > 1) {
            s1 = Sums.plus(s1, v128.load(p, 16), v128.load(q, 16));
            s2 = Sums.plus(s2, v128.load(p, 32), v128.load(q, 32));
            s3 = Sums.plus(s3, v128.load(p, 48), v128.load(q, 48));
          }
        }
      }
    }
    Sums.put(out, s0, first);
    if (vectors === 1) return;
    Sums.put(out + 16, s1, first === 0 ? 0 : first + 16);
    Sums.put(out + 32, s2, first === 0 ? 0 : first + 32);
    Sums.put(out + 48, s3, first === 0 ? 0 : first + 48);
  }
}
