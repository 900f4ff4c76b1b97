import { Frame, PIXEL, placeOf } from '../frame.as';
import { Tile } from '../wasm-call.as';
import { Window } from '../window.as';
import { firstThrough } from './meetings.as';

/** Zeros for the part of a filter's gradient [kernel, kernel, channels] that begins at `part`, in the tile's columns. */
export function clearFilterSums(part: usize, window: Window, tile: Tile): void {
  const bytes = tile.to - tile.from;
  for (let tap = window.kernel * window.kernel; tap > 0; tap--, part += tile.stride)
    memory.fill(part, 0, bytes);
}

/** Adds what pixels from ... to - 1 of an image contribute; there are no others in the frame x. */
export function addFilterSums(
  window: Window,
  g: Frame,
  x: Frame,
  from: usize,
  to: usize,
  part: usize,
  tile: Tile,
): void {
  const stride = window.stride;
  const kernel = window.kernel;
  const pad = kernel >> 1;
  const top = from / window.width + pad;
  const end = (to - 1) / window.width + pad + 1;
  for (let tap: usize = 0; tap < kernel; tap++, part += kernel * tile.stride) {
    // the lines of outputs whose windows have this line of taps on pixels that are there
    const first = firstThrough(window, tap, top);
    const last = min(window.outHeight, firstThrough(window, tap, end));
    if (first >= last) continue;
    const gAt = placeOf(g, first, 0, 0);
    const xAt = placeOf(x, first * stride + tap - pad, 0, pad);
    sumLines(window, g, gAt, x, xAt, last - first, part, tile);
  }
}

function sumLines(
  window: Window,
  g: Frame,
  gAt: usize,
  x: Frame,
  xAt: usize,
  lines: usize,
  part: usize,
  tile: Tile,
): void {
  const kernel = window.kernel;
  const stride = window.stride;
  const width = window.outWidth;
  const bytes = tile.to - tile.from;
  const xLine = x.line * stride;
  for (let c: usize = 0; c < bytes; c += 16) {
    if (kernel === 3 && stride === 1)
      Taps.sum(3, 1, gAt + c, g.line, xAt + c, xLine, lines, width, part + c, tile.stride);
    else if (kernel === 5 && stride === 1)
      Taps.sum(5, 1, gAt + c, g.line, xAt + c, xLine, lines, width, part + c, tile.stride);
    else if (kernel === 3 && stride === 2)
      Taps.sum(3, 2, gAt + c, g.line, xAt + c, xLine, lines, width, part + c, tile.stride);
    else if (kernel === 5 && stride === 2)
      Taps.sum(5, 2, gAt + c, g.line, xAt + c, xLine, lines, width, part + c, tile.stride);
    else
      for (let tap: usize = 0; tap < kernel; tap++)
        Taps.sum(
          1,
          stride,
          gAt + c,
          g.line,
          xAt + c + tap * PIXEL,
          xLine,
          lines,
          width,
          part + c + tap * tile.stride,
          tile.stride,
        );
  }
}

class Taps {
  @inline
  static plus(sum: v128, value: v128, factor: v128): v128 {
    return f32x4.add(sum, f32x4.mul(value, factor));
  }

  @inline
  static add(to: usize, sum: v128): void {
    v128.store(to, f32x4.add(v128.load(to), sum));
  }

  /** Sums of four channels for a line of taps, over lines of outputs. The number of taps is a constant. */
  @inline
  static sum(
    taps: usize,
    stride: usize,
    g: usize,
    gLine: usize,
    x: usize,
    xLine: usize,
    lines: usize,
    width: usize,
    to: usize,
    next: usize,
  ): void {
    let s0 = f32x4.splat(0);
    let s1 = s0,
      s2 = s0,
      s3 = s0,
      s4 = s0;
    for (; lines > 0; lines--, g += gLine, x += xLine) {
      let p = x;
      for (let q = g, end = g + width * PIXEL; q < end; q += PIXEL, p += stride * PIXEL) {
        const v = v128.load(q);
        s0 = Taps.plus(s0, v128.load(p), v);
        if (taps > 1) s1 = Taps.plus(s1, v128.load(p, 64), v);
        if (taps > 2) s2 = Taps.plus(s2, v128.load(p, 128), v);
        if (taps > 3) s3 = Taps.plus(s3, v128.load(p, 192), v);
        if (taps > 4) s4 = Taps.plus(s4, v128.load(p, 256), v);
      }
    }
    Taps.add(to, s0);
    if (taps > 1) Taps.add(to + next, s1);
    if (taps > 2) Taps.add(to + 2 * next, s2);
    if (taps > 3) Taps.add(to + 3 * next, s3);
    if (taps > 4) Taps.add(to + 4 * next, s4);
  }
}
