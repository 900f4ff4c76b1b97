import { finishPart } from '../epilogue.as';
import { endOf, Frame, fillFrame, frameOf } from '../frame.as';
import { evaluate, Lazy } from '../lazy.as';
import { isOfSmallImages } from '../pixel-pairs.as';
import { Call, confine, rowsOfChunk, Tile, tileOf } from '../wasm-call.as';
import { linesOfChunk, Window } from '../window.as';
import { addFilterSums, clearFilterSums } from './filter-sums.as';
import { copyFilters, inputSweep, sweepInput } from './input-sweep.as';
import { LINE_SUMS_BYTES, LineSums } from './line-sums.as';
import { makeSmallImages } from './small-images.as';

@unmanaged
class DepthwiseGradients extends Call {
  g: Lazy;
  x: Lazy;
  w: usize;
  add: Lazy;
  out: usize;
  filterParts: usize;
  rows: usize;
}

export function depthwiseGradients(p: DepthwiseGradients, column: usize, row: usize, scratch: usize): void {
  const window = changetype<Window>(changetype<usize>(p) + offsetof<DepthwiseGradients>('rows'));
  const rows = rowsOfChunk(row, window.chunk, window.inputRows);
  const output = tileOf(scratch, row * window.chunk, rows, window.c4, window.inputSampleRows);
  const isSmall = isOfSmallImages(window, 4, window.inputSampleRows);
  confine(output, column, p.columns, isSmall ? 16 : 4);
  if (output.from === output.to) return;
  const parts = p.filterParts + row * window.kernel * window.kernel * output.stride + output.from;
  clearFilterSums(parts, window, output);
  const added: usize = changetype<usize>(p.add) === 0 ? 0 : evaluate(p.add, output);
  // what is added and the output lie alike
  const addend: usize = added === 0 ? 0 : added - p.out - output.first * output.stride;
  if (isSmall) makeSmallImages(p.g, p.x, p.w, window, output, p.out, addend, parts - output.from);
  else makeChunk(p, window, output, addend, parts);
  finishPart(p.epilogue, row, output);
}

function makeChunk(p: DepthwiseGradients, window: Window, output: Tile, addend: usize, parts: usize): void {
  const sweep = inputSweep(window, output);
  const filters = output.free;
  output.free = copyFilters(p.w, window, output);
  sweep.addend = addend;
  const lines = linesOfChunk(window.chunk, window.width, window.height);
  const reach = (window.kernel - 1) / window.stride;
  const margin = window.marginLeft;
  const width = (window.width - 1 + margin) / window.stride - margin / window.stride + 1 + reach;
  const height = min((lines - 1 + window.stride - 1) / window.stride + 1 + reach, window.outHeight);
  const g = frameOf(output.free, window.outWidth, width, height);
  const x = frameOf(endOf(g), window.width, window.width + window.kernel - 1, lines);
  sweep.line = g.line;
  const input = tileOf(endOf(x) + LINE_SUMS_BYTES, 0, 0, window.c4, 0);
  input.from = output.from;
  input.to = output.to;
  const end = output.first + output.rows;
  for (let at = output.first; at < end; ) {
    const image = at / window.inputSampleRows;
    const from = at - image * window.inputSampleRows;
    const to = min(window.inputSampleRows, from + end - at);
    input.sampleRows = window.sampleRows;
    fillGradient(p, window, g, input, image * window.sampleRows, from, to);
    input.sampleRows = window.inputSampleRows;
    fillFrame(x, margin, p.x, input, image * window.inputSampleRows, from, to);
    sweepInput(sweep, window, g, filters, p.out + at * output.stride + output.from, from, to);
    addFilterSums(window, g, x, from, to, parts, output, changetype<LineSums>(endOf(x)));
    at += to - from;
  }
}

/** The lines of outputs whose windows reach pixels from ... to - 1 of an image's input. */
function fillGradient(
  p: DepthwiseGradients,
  window: Window,
  frame: Frame,
  tile: Tile,
  image: usize,
  from: usize,
  to: usize,
): void {
  const margin = window.marginTop;
  const reach = (window.kernel - 1) / window.stride;
  const first = (from / window.width + margin) / window.stride;
  const last = ((to - 1) / window.width + margin) / window.stride;
  const top = first - min(first, reach);
  const bottom = min(window.outHeight, last + 1);
  const left = reach - window.marginLeft / window.stride;
  fillFrame(frame, left, p.g, tile, image, top * window.outWidth, bottom * window.outWidth);
}
