import { PIXEL } from './frame.as';

/** How outputs are made of a frame: sums over windows of lines x taps pixels, each times its factor. */
@unmanaged
export class Sweep {
  lines: usize;
  taps: usize;
  /** The factors [lines, taps], a frame's pixel each. */
  filter: usize;
  /** Pixels from a window to the next one, and bytes of a line of the frame. */
  step: usize;
  line: usize;
  /** Bytes from an output to the next, and from an output to what is added to it, if that is not 0. */
  next: usize;
  addend: usize;
  /** Bytes of channels. */
  bytes: usize;
}

/** Bytes of a Sweep. */
export const SWEEP_BYTES: usize = 32;

/** Four outputs by four channels in registers. The number of taps is a constant: each has code of its own. */
export class Four {
  @inline
  static put(out: usize, sum: v128, addend: usize): void {
    v128.store(out, addend === 0 ? sum : f32x4.add(sum, v128.load(out + addend)));
  }

  @inline
  static plus(sum: v128, value: v128, factor: v128): v128 {
    return f32x4.add(sum, f32x4.mul(value, factor));
  }

  /** Windows a pixel apart: each pixel is loaded once a line. */
  @inline
  static ofNeighbours(taps: usize, sweep: Sweep, window: usize, out: usize): void {
    const line = sweep.line;
    const next = sweep.next;
    for (let c: usize = 0; c < sweep.bytes; c += 16) {
      let s0 = f32x4.splat(0);
      let s1 = s0,
        s2 = s0,
        s3 = s0;
      let p = window + c;
      let f = sweep.filter + c;
      for (let i = sweep.lines; i > 0; i--, p += line, f += taps * PIXEL) {
        const f0 = v128.load(f);
        const f1 = taps > 1 ? v128.load(f, 64) : f0;
        const f2 = taps > 2 ? v128.load(f, 128) : f0;
        const f3 = taps > 3 ? v128.load(f, 192) : f0;
        const f4 = taps > 4 ? v128.load(f, 256) : f0;
        let v = v128.load(p);
        s0 = Four.plus(s0, v, f0);
        v = v128.load(p, 64);
        if (taps > 1) s0 = Four.plus(s0, v, f1);
        s1 = Four.plus(s1, v, f0);
        v = v128.load(p, 128);
        if (taps > 2) s0 = Four.plus(s0, v, f2);
        if (taps > 1) s1 = Four.plus(s1, v, f1);
        s2 = Four.plus(s2, v, f0);
        v = v128.load(p, 192);
        if (taps > 3) s0 = Four.plus(s0, v, f3);
        if (taps > 2) s1 = Four.plus(s1, v, f2);
        if (taps > 1) s2 = Four.plus(s2, v, f1);
        s3 = Four.plus(s3, v, f0);
        if (taps > 1) {
          v = v128.load(p, 256);
          if (taps > 4) s0 = Four.plus(s0, v, f4);
          if (taps > 3) s1 = Four.plus(s1, v, f3);
          if (taps > 2) s2 = Four.plus(s2, v, f2);
          s3 = Four.plus(s3, v, f1);
        }
        if (taps > 2) {
          v = v128.load(p, 320);
          if (taps > 4) s1 = Four.plus(s1, v, f4);
          if (taps > 3) s2 = Four.plus(s2, v, f3);
          s3 = Four.plus(s3, v, f2);
        }
        if (taps > 4) {
          v = v128.load(p, 384);
          s2 = Four.plus(s2, v, f4);
          s3 = Four.plus(s3, v, f3);
          s3 = Four.plus(s3, v128.load(p, 448), f4);
        }
      }
      const to = out + c;
      Four.put(to, s0, sweep.addend);
      Four.put(to + next, s1, sweep.addend);
      Four.put(to + 2 * next, s2, sweep.addend);
      Four.put(to + 3 * next, s3, sweep.addend);
    }
  }

  /** Windows two pixels apart, of 3 or 5 taps. */
  @inline
  static ofEverySecond(taps: usize, sweep: Sweep, window: usize, out: usize): void {
    const line = sweep.line;
    const next = sweep.next;
    for (let c: usize = 0; c < sweep.bytes; c += 16) {
      let s0 = f32x4.splat(0);
      let s1 = s0,
        s2 = s0,
        s3 = s0;
      let p = window + c;
      let f = sweep.filter + c;
      for (let i = sweep.lines; i > 0; i--, p += line, f += taps * PIXEL) {
        const f0 = v128.load(f);
        const f1 = v128.load(f, 64);
        const f2 = v128.load(f, 128);
        s0 = Four.plus(s0, v128.load(p), f0);
        s0 = Four.plus(s0, v128.load(p, 64), f1);
        let v = v128.load(p, 128);
        s0 = Four.plus(s0, v, f2);
        s1 = Four.plus(s1, v, f0);
        const v3 = v128.load(p, 192);
        s1 = Four.plus(s1, v3, f1);
        const v4 = v128.load(p, 256);
        s1 = Four.plus(s1, v4, f2);
        s2 = Four.plus(s2, v4, f0);
        const v5 = v128.load(p, 320);
        s2 = Four.plus(s2, v5, f1);
        const v6 = v128.load(p, 384);
        s2 = Four.plus(s2, v6, f2);
        s3 = Four.plus(s3, v6, f0);
        const v7 = v128.load(p, 448);
        s3 = Four.plus(s3, v7, f1);
        const v8 = v128.load(p, 512);
        s3 = Four.plus(s3, v8, f2);
        if (taps > 3) {
          const f3 = v128.load(f, 192);
          const f4 = v128.load(f, 256);
          s0 = Four.plus(s0, v3, f3);
          s0 = Four.plus(s0, v4, f4);
          s1 = Four.plus(s1, v5, f3);
          s1 = Four.plus(s1, v6, f4);
          s2 = Four.plus(s2, v7, f3);
          s2 = Four.plus(s2, v8, f4);
          v = v128.load(p, 576);
          s3 = Four.plus(s3, v, f3);
          s3 = Four.plus(s3, v128.load(p, 640), f4);
        }
      }
      const to = out + c;
      Four.put(to, s0, sweep.addend);
      Four.put(to + next, s1, sweep.addend);
      Four.put(to + 2 * next, s2, sweep.addend);
      Four.put(to + 3 * next, s3, sweep.addend);
    }
  }
}
