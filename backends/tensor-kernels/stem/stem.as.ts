import { finishPart } from '../epilogue.as';
import { Frame } from '../frame.as';
import { fillImage, imageFrame, imageWindow, StemWindow } from '../stem-window.as';
import { Call, confine, rowsOfChunk, Tile, tileOf } from '../wasm-call.as';
import { linesOfChunk } from '../window.as';
import { convolveLine, copyPanels } from './convolve-line.as';

@unmanaged
class Stem extends Call {
  images: usize;
  w: usize;
  out: usize;
  rows: usize;
}

export function stem(p: Stem, column: usize, row: usize, scratch: usize): void {
  const window = changetype<StemWindow>(changetype<usize>(p) + offsetof<Stem>('rows'));
  const rows = rowsOfChunk(row, window.chunk, window.rows);
  const output = tileOf(scratch, row * window.chunk, rows, window.c4, window.sampleRows);
  confine(output, column, p.columns, 2);
  if (output.from === output.to) return;
  const panels = output.free;
  const depth = window.kernel * window.kernel * 3;
  copyPanels(p.w, depth, output, panels);
  const lines = linesOfChunk(window.chunk, window.outWidth, window.outHeight);
  const frame = imageFrame(panels + depth * (output.to - output.from), window, lines);
  const end = output.first + rows;
  for (let at = output.first; at < end; ) {
    const image = at / window.sampleRows;
    const from = at - image * window.sampleRows;
    const to = min(window.sampleRows, from + end - at);
    fillImage(frame, window, p.images, image, from, to);
    filterImage(p, window, frame, panels, output, at, from, to);
    at += to - from;
  }
  finishPart(p.epilogue, row, output);
}

function filterImage(
  p: Stem,
  window: StemWindow,
  frame: Frame,
  panels: usize,
  output: Tile,
  row: usize,
  from: usize,
  to: usize,
): void {
  for (let at = from; at < to; ) {
    const y = at / window.outWidth;
    const x = at - y * window.outWidth;
    const count = min(window.outWidth - x, to - at);
    const out = p.out + (row + at - from) * output.stride;
    convolveLine(window, frame.line, imageWindow(frame, window, y, x), panels, out, count, output);
    at += count;
  }
}
