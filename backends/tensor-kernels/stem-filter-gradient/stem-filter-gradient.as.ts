import { endOf } from '../frame.as';
import { evaluate, Lazy } from '../lazy.as';
import { fillImage, imageFrame, imageWindow, StemWindow } from '../stem-window.as';
import { Call, confine, rowsOfChunk, Tile, tileOf } from '../wasm-call.as';
import { linesOfChunk } from '../window.as';
import { addOuterProducts } from './outer-products.as';

@unmanaged
class StemFilterGradient extends Call {
  g: Lazy;
  images: usize;
  parts: usize;
  rows: usize;
}

export function stemFilterGradient(p: StemFilterGradient, column: usize, row: usize, scratch: usize): void {
  const window = changetype<StemWindow>(changetype<usize>(p) + offsetof<StemFilterGradient>('rows'));
  const lines = linesOfChunk(window.chunk, window.outWidth, window.outHeight);
  const frame = imageFrame(scratch, window, lines);
  const g = tileOf((endOf(frame) + 15) & ~15, 0, 0, window.c4, window.sampleRows);
  confine(g, column, p.columns, 2);
  if (g.from === g.to) return;
  const part = p.parts + row * window.kernel * window.kernel * 3 * g.stride;
  clearPart(part, window, g);
  const end = row * window.chunk + rowsOfChunk(row, window.chunk, window.rows);
  for (let at = row * window.chunk; at < end; ) {
    const image = at / window.sampleRows;
    const from = at - image * window.sampleRows;
    const to = min(window.sampleRows, from + end - at);
    fillImage(frame, window, p.images, image, from, to);
    for (let pixel = from; pixel < to; pixel += g.rows) {
      const y = pixel / window.outWidth;
      const x = pixel - y * window.outWidth;
      g.first = at + pixel - from;
      g.rows = min(window.outWidth - x, to - pixel);
      g.free = g.scratch;
      addOuterProducts(window, frame.line, imageWindow(frame, window, y, x), evaluate(p.g, g), g, part);
    }
    at += to - from;
  }
}

function clearPart(part: usize, window: StemWindow, tile: Tile): void {
  for (let i = window.kernel * window.kernel * 3; i > 0; i--, part += tile.stride)
    memory.fill(part + tile.from, 0, tile.to - tile.from);
}
