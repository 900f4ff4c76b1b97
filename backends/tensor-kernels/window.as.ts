import { Tile } from './wasm-call.as';

/** What a call of a filter is told, in the order of filter.ts: `depthwiseParameters` and `filterConstants`. */
@unmanaged
export class Window {
  rows: usize;
  c4: usize;
  height: usize;
  width: usize;
  outHeight: usize;
  outWidth: usize;
  chunk: usize;
  sampleRows: usize;
  inputRows: usize;
  inputSampleRows: usize;
  kernel: usize;
  stride: usize;
  marginTop: usize;
  marginLeft: usize;
}

/** The most lines of an image `width` wide that a chunk's pixels lie in: chunks of whole lines begin with one. */
export function linesOfChunk(chunk: usize, width: usize, height: usize): usize {
  return min(chunk % width === 0 ? chunk / width : chunk / width + 2, height);
}

/** Copies a tap's factors of the tile's channels from w [kernel, kernel, channels]. */
export function copyTap(w: usize, tap: usize, tile: Tile, to: usize): void {
  const source = w + tap * tile.stride + tile.from;
  const bytes = tile.to - tile.from;
  for (let c: usize = 0; c < bytes; c += 16) v128.store(to + c, v128.load(source + c));
}
