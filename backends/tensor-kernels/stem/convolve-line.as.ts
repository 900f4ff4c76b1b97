import { storePair } from '../panels.as';
import { COLORS, StemWindow } from '../stem-window.as';
import { Tile } from '../wasm-call.as';

// Factors lie in panels of 8 channels, [depth, 8]; of 4 where that is what is left.

/** Copies factors [depth, channels] of the tile's columns into panels. */
export function copyPanels(w: usize, depth: usize, tile: Tile, to: usize): void {
  for (let c = tile.from; c < tile.to; c += 32) {
    const bytes = min<usize>(32, tile.to - c);
    for (let i: usize = 0; i < depth; i++, to += bytes) memory.copy(to, w + i * tile.stride + c, bytes);
  }
}

/** A line of outputs in the tile's columns, of which the first has its window at `window`. */
export function convolveLine(
  shape: StemWindow,
  line: usize,
  window: usize,
  panels: usize,
  out: usize,
  count: usize,
  tile: Tile,
): void {
  const depth = shape.kernel * shape.kernel * 3;
  const hasTile = count >= 4 && shape.stride <= 2;
  for (let c = tile.from; c < tile.to; c += 32) {
    const panel = panels + (c - tile.from) * depth;
    if (hasTile && c + 32 <= tile.to) convolveByFour(shape, line, window, panel, out + c, count, tile.stride);
    else convolveByOne(shape, line, window, panel, out + c, count, tile.stride, min<usize>(32, tile.to - c));
  }
}

/** The last tile has outputs of the one before, anew. */
function convolveByFour(
  shape: StemWindow,
  line: usize,
  window: usize,
  panel: usize,
  out: usize,
  count: usize,
  next: usize,
): void {
  const step = shape.stride * COLORS;
  for (let done: usize = 0; done < count; done += 4) {
    const first = min(done, count - 4);
    const at = window + first * step;
    const to = out + first * next;
    if (shape.stride === 1) Four.convolve(1, shape.kernel, line, at, panel, to, next);
    else Four.convolve(2, shape.kernel, line, at, panel, to, next);
  }
}

function convolveByOne(
  shape: StemWindow,
  line: usize,
  window: usize,
  panel: usize,
  out: usize,
  count: usize,
  next: usize,
  bytes: usize,
): void {
  for (; count > 0; count--, window += shape.stride * COLORS, out += next) {
    for (let c: usize = 0; c < bytes; c += 16) {
      let sum = f32x4.splat(0);
      let f = panel + c;
      for (let i: usize = 0, start = window; i < shape.kernel; i++, start += line)
        for (let p = start, end = start + shape.kernel * COLORS; p < end; p += 4, f += bytes)
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(p), v128.load(f)));
      v128.store(out + c, sum);
    }
  }
}

class Four {
  @inline
  static plus(sum: v128, value: v128, factor: v128): v128 {
    return f32x4.add(sum, f32x4.mul(value, factor));
  }

  /** Four outputs by 8 channels in registers. The stride is a constant. */
  @inline
  static convolve(
    stride: usize,
    kernel: usize,
    line: usize,
    window: usize,
    panel: usize,
    out: usize,
    next: usize,
  ): void {
    let s00 = f32x4.splat(0);
    let s01 = s00,
      s10 = s00,
      s11 = s00,
      s20 = s00,
      s21 = s00,
      s30 = s00,
      s31 = s00;
    for (let i = kernel; i > 0; i--, window += line) {
      for (let p = window, end = window + kernel * COLORS; p < end; p += 4, panel += 32) {
        const low = v128.load(panel),
          high = v128.load(panel, 16);
        const v0 = v128.load32_splat(p);
        const v1 = stride === 1 ? v128.load32_splat(p, 12) : v128.load32_splat(p, 24);
        const v2 = stride === 1 ? v128.load32_splat(p, 24) : v128.load32_splat(p, 48);
        const v3 = stride === 1 ? v128.load32_splat(p, 36) : v128.load32_splat(p, 72);
        s00 = Four.plus(s00, v0, low);
        s01 = Four.plus(s01, v0, high);
        s10 = Four.plus(s10, v1, low);
        s11 = Four.plus(s11, v1, high);
        s20 = Four.plus(s20, v2, low);
        s21 = Four.plus(s21, v2, high);
        s30 = Four.plus(s30, v3, low);
        s31 = Four.plus(s31, v3, high);
      }
    }
    storePair(out, s00, s01);
    storePair(out + next, s10, s11);
    storePair(out + 2 * next, s20, s21);
    storePair(out + 3 * next, s30, s31);
  }
}
