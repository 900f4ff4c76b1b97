import { evaluate, Lazy } from '../lazy.as';
import { addPairs, gatherPairs, imagesOfRun, PAIRS_BYTES, Pairs } from '../pixel-pairs.as';
import { Tile, tileOf } from '../wasm-call.as';
import { Window } from '../window.as';
import { endOfOutputs, firstOutput, firstThrough } from './meetings.as';

/** Both gradients of the whole images of a tile of inputs; what is added to the first lies `addend` bytes from it. */
export function makeSmallImages(
  lazyG: Lazy,
  lazyX: Lazy,
  w: usize,
  window: Window,
  output: Tile,
  out: usize,
  addend: usize,
  part: usize,
): void {
  const pairs = changetype<Pairs>(output.free);
  const g = tileOf(output.free + PAIRS_BYTES, 0, 0, window.c4, window.sampleRows);
  g.from = output.from;
  g.to = output.to;
  const end = (output.first + output.rows) / window.inputSampleRows;
  const run = imagesOfRun(window);
  for (let image = output.first / window.inputSampleRows; image < end; image += run) {
    pairs.images = min(run, end - image);
    g.first = image * window.sampleRows;
    g.rows = pairs.images * window.sampleRows;
    g.free = g.scratch;
    const gAt = evaluate(lazyG, g);
    const x = tileOf(
      g.free,
      image * window.inputSampleRows,
      pairs.images * window.inputSampleRows,
      window.c4,
      window.inputSampleRows,
    );
    x.from = output.from;
    x.to = output.to;
    const xAt = evaluate(lazyX, x);
    makeInputs(pairs, window, gAt, w, output, out + image * window.inputSampleRows * output.stride, addend);
    addFilter(pairs, window, gAt, xAt, output, part);
  }
}

function makeInputs(
  pairs: Pairs,
  window: Window,
  g: usize,
  w: usize,
  tile: Tile,
  out: usize,
  addend: usize,
): void {
  const marginTop = window.marginTop;
  const marginLeft = window.marginLeft;
  const stride = tile.stride;
  pairs.aImage = window.sampleRows * stride;
  pairs.bImage = 0;
  pairs.outImage = window.inputSampleRows * stride;
  pairs.aLine = window.outWidth * stride;
  pairs.aStep = stride;
  // a tap further back for each output further on
  pairs.bStep = 0 - window.stride * stride;
  pairs.bLine = window.kernel * pairs.bStep;
  for (let y = marginTop; y < window.height + marginTop; y++) {
    const top = firstOutput(window, y);
    pairs.lines = endOfOutputs(window, y, window.outHeight) - top;
    for (let x = marginLeft; x < window.width + marginLeft; x++, out += stride) {
      const left = firstOutput(window, x);
      pairs.steps = endOfOutputs(window, x, window.outWidth) - left;
      const tap = (y - top * window.stride) * window.kernel + x - left * window.stride;
      gatherPairs(pairs, g + (top * window.outWidth + left) * stride, w + tap * stride, tile, out, addend);
    }
  }
}

function addFilter(pairs: Pairs, window: Window, g: usize, x: usize, tile: Tile, part: usize): void {
  const marginTop = window.marginTop;
  const marginLeft = window.marginLeft;
  const stride = tile.stride;
  pairs.aImage = window.sampleRows * stride;
  pairs.bImage = window.inputSampleRows * stride;
  pairs.aLine = window.outWidth * stride;
  pairs.bLine = window.stride * window.width * stride;
  pairs.aStep = stride;
  pairs.bStep = window.stride * stride;
  for (let tapY: usize = 0; tapY < window.kernel; tapY++) {
    const top = firstThrough(window, tapY, marginTop);
    const bottom = min(window.outHeight, firstThrough(window, tapY, window.height + marginTop));
    if (top >= bottom) {
      part += window.kernel * stride;
      continue;
    }
    pairs.lines = bottom - top;
    for (let tapX: usize = 0; tapX < window.kernel; tapX++, part += stride) {
      const left = firstThrough(window, tapX, marginLeft);
      const right = min(window.outWidth, firstThrough(window, tapX, window.width + marginLeft));
      if (left >= right) continue;
      pairs.steps = right - left;
      const y = top * window.stride + tapY - marginTop;
      const b = x + (y * window.width + left * window.stride + tapX - marginLeft) * stride;
      addPairs(pairs, g + (top * window.outWidth + left) * stride, b, tile, part);
    }
  }
}
