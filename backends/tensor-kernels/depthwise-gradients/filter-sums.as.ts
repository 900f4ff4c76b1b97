import { Frame, PIXEL, placeOf } from '../frame.as';
import { Tile } from '../wasm-call.as';
import { Window } from '../window.as';
import { addLineSums, LineSums } from './line-sums.as';
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
  sums: LineSums,
): void {
  const kernel = window.kernel;
  const margin = window.marginTop;
  const top = from / window.width + margin;
  const end = (to - 1) / window.width + margin + 1;
  sums.width = window.outWidth;
  sums.gLine = g.line;
  sums.xLine = x.line * window.stride;
  sums.step = window.stride * PIXEL;
  sums.next = tile.stride;
  for (let tap: usize = 0; tap < kernel; tap++, part += kernel * tile.stride) {
    // the lines of outputs whose windows have this line of taps on pixels that are there
    const first = firstThrough(window, tap, top);
    const last = min(window.outHeight, firstThrough(window, tap, end));
    if (first >= last) continue;
    sums.lines = last - first;
    const xAt = placeOf(x, first * window.stride + tap - margin, 0, window.marginLeft);
    addLineSums(sums, kernel, placeOf(g, first, 0, 0), xAt, part, tile.to - tile.from);
  }
}
