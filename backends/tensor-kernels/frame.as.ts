import { evaluate, Lazy } from './lazy.as';
import { Tile } from './wasm-call.as';

/** Bytes of a pixel in a frame: of the 16 channels that a tile has at most. */
export const PIXEL: usize = 64;
/** Bytes of a Frame, rounded up. */
export const FRAME_BYTES: usize = 32;

/** So many pixels of a lazy value are evaluated at a time, or a line: frame.ts has the same. */
export const RUN: usize = 64;

/**
 * Lines of an image with zeros left and right, so that no line of a window meets a border: a tile's channels, pixel by pixel.
 * Places outside the frame come up in sums, which wrap.
 */
@unmanaged
export class Frame {
  at: usize;
  bytes: usize;
  /** Bytes of a line. */
  line: usize;
  /** Pixels of a line of the image. */
  width: usize;
  /** The place of the image's first pixel. */
  origin: usize;
  /** The pixels that are there: none before the first image. */
  from: usize;
  to: usize;
}

/** A frame that begins at `at`. */
export function frameOf(at: usize, width: usize, columns: usize, lines: usize): Frame {
  const frame = changetype<Frame>(at);
  frame.at = at + FRAME_BYTES;
  frame.line = columns * PIXEL;
  frame.bytes = frame.line * lines;
  frame.width = width;
  frame.to = 0;
  return frame;
}

export function endOf(frame: Frame): usize {
  return frame.at + frame.bytes;
}

/** The place of the pixel that is `left` pixels before pixel (y, x). */
export function placeOf(frame: Frame, y: usize, x: usize, left: usize): usize {
  return frame.origin + y * frame.line + (x - left) * PIXEL;
}

/**
 * Fills a frame with pixels from ... to - 1 of an image of a lazy value, which begins at row `image`. The frame begins with the line
 * of the first of them, `left` pixels before the image.
 */
export function fillFrame(
  frame: Frame,
  left: usize,
  lazy: Lazy,
  tile: Tile,
  image: usize,
  from: usize,
  to: usize,
): void {
  frame.origin = frame.at - (from / frame.width) * frame.line + left * PIXEL;
  if (frame.from !== from || frame.to !== to) {
    memory.fill(frame.at, 0, frame.bytes);
    frame.from = from;
    frame.to = to;
  }
  const run = max<usize>(1, RUN / frame.width) * frame.width;
  for (let at = from; at < to; at += run) {
    tile.first = image + at;
    tile.rows = min(run, to - at);
    tile.free = tile.scratch;
    copyPixels(evaluate(lazy, tile) + tile.from, tile, frame, at);
  }
}

/** Copies a tile's pixels, of which the first is the image's pixel `at`. */
function copyPixels(source: usize, tile: Tile, frame: Frame, at: usize): void {
  const end = at + tile.rows;
  while (at < end) {
    const y = at / frame.width;
    const next = min((y + 1) * frame.width, end);
    copyLine(source, tile, placeOf(frame, y, at - y * frame.width, 0), next - at);
    source += (next - at) * tile.stride;
    at = next;
  }
}

function copyLine(source: usize, tile: Tile, to: usize, pixels: usize): void {
  const stride = tile.stride;
  const bytes = tile.to - tile.from;
  const end = to + pixels * PIXEL;
  if (bytes < PIXEL) {
    for (; to < end; to += PIXEL, source += stride)
      for (let c: usize = 0; c < bytes; c += 16) v128.store(to + c, v128.load(source + c));
    return;
  }
  for (; to < end; to += PIXEL, source += stride) {
    v128.store(to, v128.load(source));
    v128.store(to, v128.load(source, 16), 16);
    v128.store(to, v128.load(source, 32), 32);
    v128.store(to, v128.load(source, 48), 48);
  }
}
