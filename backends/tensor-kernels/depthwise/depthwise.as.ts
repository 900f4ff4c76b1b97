import { finishPart } from '../epilogue.as';
import { endOf, Frame, fillFrame, frameOf, PIXEL, placeOf } from '../frame.as';
import { Lazy } from '../lazy.as';
import { isOfSmallImages } from '../pixel-pairs.as';
import { SWEEP_BYTES, Sweep } from '../sweep.as';
import { sweepLine } from '../sweep-line.as';
import { Call, confine, rowsOfChunk, Tile, tileOf } from '../wasm-call.as';
import { copyTap, linesOfChunk, Window } from '../window.as';
import { filterSmallImages } from './small-images.as';

@unmanaged
class Depthwise extends Call {
  x: Lazy;
  w: usize;
  out: usize;
  rows: usize;
}

export function depthwise(p: Depthwise, column: usize, row: usize, scratch: usize): void {
  const window = changetype<Window>(changetype<usize>(p) + offsetof<Depthwise>('rows'));
  const rows = rowsOfChunk(row, window.chunk, window.rows);
  const output = tileOf(scratch, row * window.chunk, rows, window.c4, window.sampleRows);
  const isSmall = isOfSmallImages(window, 3, window.sampleRows);
  confine(output, column, p.columns, isSmall ? 16 : 4);
  if (output.from === output.to) return;
  if (isSmall) filterSmallImages(p.x, p.w, p.out, window, output);
  else filterChunk(p, window, output);
  finishPart(p.epilogue, row, output);
}

function filterChunk(p: Depthwise, window: Window, output: Tile): void {
  const sweep = sweepOf(p.w, window, output);
  const outLines = linesOfChunk(window.chunk, window.outWidth, window.outHeight);
  const lines = min((outLines - 1) * window.stride + window.kernel, window.height);
  const filter = sweep.filter;
  const filterEnd = filter + window.kernel * window.kernel * PIXEL;
  const frame = frameOf(filterEnd, window.width, window.width + window.kernel - 1, lines);
  sweep.line = frame.line;
  const input = tileOf(endOf(frame), 0, 0, window.c4, window.inputSampleRows);
  input.from = output.from;
  input.to = output.to;
  const end = output.first + output.rows;
  for (let at = output.first; at < end; ) {
    const image = at / window.sampleRows;
    const from = at - image * window.sampleRows;
    const to = min(window.sampleRows, from + end - at);
    fillInput(p, window, frame, input, image, from, to);
    filterImage(p, window, sweep, filter, frame, output, image * window.sampleRows, from, to);
    at += to - from;
  }
}

function sweepOf(w: usize, window: Window, output: Tile): Sweep {
  const sweep = changetype<Sweep>(output.free);
  const kernel = window.kernel;
  sweep.taps = kernel;
  sweep.filter = output.free + SWEEP_BYTES;
  sweep.step = window.stride;
  sweep.next = output.stride;
  sweep.addend = 0;
  sweep.bytes = output.to - output.from;
  for (let tap: usize = 0; tap < kernel * kernel; tap++) copyTap(w, tap, output, sweep.filter + tap * PIXEL);
  return sweep;
}

/** The lines that windows of an image's outputs from ... to - 1 reach. */
function fillInput(
  p: Depthwise,
  window: Window,
  frame: Frame,
  input: Tile,
  image: usize,
  from: usize,
  to: usize,
): void {
  const margin = window.marginTop;
  const first = (from / window.outWidth) * window.stride;
  const last = ((to - 1) / window.outWidth) * window.stride;
  const top = first - min(first, margin);
  const bottom = min(window.height, last + window.kernel - margin);
  const pixels = image * window.inputSampleRows;
  fillFrame(frame, window.marginLeft, p.x, input, pixels, top * window.width, bottom * window.width);
}

function filterImage(
  p: Depthwise,
  window: Window,
  sweep: Sweep,
  filter: usize,
  frame: Frame,
  output: Tile,
  image: usize,
  from: usize,
  to: usize,
): void {
  const margin = window.marginTop;
  const stride = window.stride;
  for (let at = from; at < to; ) {
    const y = at / window.outWidth;
    const x = at - y * window.outWidth;
    const count = min(window.outWidth - x, to - at);
    // only the filter's lines that meet the image
    const first = margin - min(y * stride, margin);
    sweep.lines = min(window.kernel, window.height + margin - y * stride) - first;
    sweep.filter = filter + first * window.kernel * PIXEL;
    const place = placeOf(frame, y * stride + first - margin, x * stride, window.marginLeft);
    sweepLine(sweep, place, p.out + (image + at) * output.stride + output.from, count);
    at += count;
  }
}
