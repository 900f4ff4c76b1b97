import { PIXEL } from '../frame.as';

/** Lines of outputs and of inputs that a line of a filter's taps pairs. */
@unmanaged
export class LineSums {
  lines: usize;
  /** Outputs of a line. */
  width: usize;
  gLine: usize;
  xLine: usize;
  /** Bytes from an input to the next, and from a tap's sum to the next one's. */
  step: usize;
  next: usize;
}

/** Bytes of a LineSums, rounded up. */
export const LINE_SUMS_BYTES: usize = 32;

/** Adds to the sums of a line of taps, for `bytes` of channels. */
export function addLineSums(sums: LineSums, taps: usize, g: usize, x: usize, to: usize, bytes: usize): void {
  let c: usize = 0;
  // 8 channels of 3 taps: fewer sums would wait for their own additions, more have no room in registers
  if (taps === 3) for (; c + 32 <= bytes; c += 32) Taps.sum(2, 3, sums, g + c, x + c, to + c);
  for (; c < bytes; c += 16) {
    if (taps === 3) Taps.sum(1, 3, sums, g + c, x + c, to + c);
    else if (taps === 5) Taps.sum(1, 5, sums, g + c, x + c, to + c);
    else
      for (let tap: usize = 0; tap < taps; tap++)
        Taps.sum(1, 1, sums, g + c, x + tap * PIXEL + c, to + tap * sums.next + c);
  }
}

class Taps {
  @inline
  static plus(sum: v128, value: v128, factor: v128): v128 {
    return f32x4.add(sum, f32x4.mul(value, factor));
  }

  @inline
  static put(vectors: usize, to: usize, low: v128, high: v128): void {
    v128.store(to, f32x4.add(v128.load(to), low));
    if (vectors > 1) v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
  }

  /** In registers; the numbers of vectors of 4 channels and of taps are constants. */
  @inline
  static sum(vectors: usize, taps: usize, sums: LineSums, g: usize, x: usize, to: usize): void {
    let a0 = f32x4.splat(0);
    let a1 = a0,
      a2 = a0,
      a3 = a0,
      a4 = a0,
      b0 = a0,
      b1 = a0,
      b2 = a0;
    const step = sums.step;
    const bytes = sums.width * PIXEL;
    for (let i = sums.lines; i > 0; i--, g += sums.gLine, x += sums.xLine) {
      let p = x;
      for (let q = g, end = g + bytes; q < end; q += PIXEL, p += step) {
        const low = v128.load(q);
        a0 = Taps.plus(a0, v128.load(p), low);
        if (taps > 1) a1 = Taps.plus(a1, v128.load(p, 64), low);
        if (taps > 2) a2 = Taps.plus(a2, v128.load(p, 128), low);
        if (taps > 3) a3 = Taps.plus(a3, v128.load(p, 192), low);
        if (taps > 4) a4 = Taps.plus(a4, v128.load(p, 256), low);
        if (vectors > 1) {
          const high = v128.load(q, 16);
          b0 = Taps.plus(b0, v128.load(p, 16), high);
          if (taps > 1) b1 = Taps.plus(b1, v128.load(p, 80), high);
          if (taps > 2) b2 = Taps.plus(b2, v128.load(p, 144), high);
        }
      }
    }
    const next = sums.next;
    Taps.put(vectors, to, a0, b0);
    if (taps > 1) Taps.put(vectors, to + next, a1, b1);
    if (taps > 2) Taps.put(vectors, to + 2 * next, a2, b2);
    if (taps > 3) Taps.put(vectors, to + 3 * next, a3, a3);
    if (taps > 4) Taps.put(vectors, to + 4 * next, a4, a4);
  }
}
