import { Frame, PIXEL, placeOf } from '../frame.as';
import { SWEEP_BYTES, Sweep } from '../sweep.as';
import { sweepLine } from '../sweep-line.as';
import { Tile } from '../wasm-call.as';
import { copyTap, Window } from '../window.as';
import { endOfOutputs, firstOutput, tapsOf } from './meetings.as';

// An input pixel meets the taps that lie a stride apart, from a first one on: its remainder. The pixels of a remainder are a
// convolution of the gradient with these taps, turned.

/** A sweep over the gradient of the output, in free scratch memory. */
export function inputSweep(window: Window, tile: Tile): Sweep {
  const sweep = changetype<Sweep>(tile.free);
  tile.free += SWEEP_BYTES;
  sweep.step = 1;
  sweep.next = window.stride * tile.stride;
  sweep.bytes = tile.to - tile.from;
  return sweep;
}

/** Copies the factors of each remainder to free scratch memory, and says where they end. */
export function copyFilters(w: usize, window: Window, tile: Tile): usize {
  const stride = window.stride;
  let to = tile.free;
  for (let y: usize = 0; y < stride; y++)
    for (let x: usize = 0; x < stride; x++, to += bytesOfFilter(window))
      copyTurned(w, window, tile, y, x, to);
  return to;
}

/** Room for the most taps that a remainder has. */
function bytesOfFilter(window: Window): usize {
  const taps = (window.kernel - 1) / window.stride + 1;
  return taps * taps * PIXEL;
}

function copyTurned(w: usize, window: Window, tile: Tile, y: usize, x: usize, to: usize): void {
  const stride = window.stride;
  for (let i = tapsOf(window, y); i > 0; i--)
    for (let j = tapsOf(window, x); j > 0; j--, to += PIXEL)
      copyTap(w, (y + (i - 1) * stride) * window.kernel + x + (j - 1) * stride, tile, to);
}

/** The gradient of input pixels from ... to - 1 of an image, of which the first is at `out`. */
export function sweepInput(
  sweep: Sweep,
  window: Window,
  g: Frame,
  filters: usize,
  out: usize,
  from: usize,
  to: usize,
): void {
  for (let at = from; at < to; ) {
    const y = at / window.width;
    const x = at - y * window.width;
    const count = min(window.width - x, to - at);
    sweepInputLine(sweep, window, g, filters, out, y, x, count);
    out += (count * sweep.next) / window.stride;
    at += count;
  }
}

function sweepInputLine(
  sweep: Sweep,
  window: Window,
  g: Frame,
  filters: usize,
  out: usize,
  y: usize,
  x: usize,
  count: usize,
): void {
  const stride = window.stride;
  const input = y + window.marginTop;
  const top = firstOutput(window, input);
  sweep.lines = endOfOutputs(window, input, window.outHeight) - top;
  // lines of the filter that meet lines above the image
  const skipped = top + tapsOf(window, input) - input / stride - 1;
  const first = filters + (input % stride) * stride * bytesOfFilter(window);
  for (let i: usize = 0; i < min(stride, count); i++) {
    const column = x + i + window.marginLeft;
    sweep.taps = tapsOf(window, column);
    sweep.filter = first + (column % stride) * bytesOfFilter(window) + skipped * sweep.taps * PIXEL;
    const place = placeOf(g, top, column / stride, sweep.taps - 1);
    sweepLine(sweep, place, out + (i * sweep.next) / stride, (count - i + stride - 1) / stride);
  }
}
