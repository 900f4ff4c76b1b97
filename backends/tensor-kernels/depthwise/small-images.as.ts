import { evaluate, Lazy } from '../lazy.as';
import { gatherPairs, imagesOfRun, PAIRS_BYTES, Pairs } from '../pixel-pairs.as';
import { Tile, tileOf } from '../wasm-call.as';
import { Window } from '../window.as';

/** Filters the whole images of a tile of outputs. */
export function filterSmallImages(x: Lazy, w: usize, out: usize, window: Window, output: Tile): void {
  const pairs = changetype<Pairs>(output.free);
  const input = tileOf(output.free + PAIRS_BYTES, 0, 0, window.c4, window.inputSampleRows);
  input.from = output.from;
  input.to = output.to;
  const stride = output.stride;
  pairs.aImage = window.inputSampleRows * stride;
  pairs.bImage = 0;
  pairs.outImage = window.sampleRows * stride;
  pairs.aLine = window.width * stride;
  pairs.bLine = window.kernel * stride;
  pairs.aStep = stride;
  pairs.bStep = stride;
  const end = (output.first + output.rows) / window.sampleRows;
  const run = imagesOfRun(window);
  for (let image = output.first / window.sampleRows; image < end; image += run) {
    pairs.images = min(run, end - image);
    input.first = image * window.inputSampleRows;
    input.rows = pairs.images * window.inputSampleRows;
    input.free = input.scratch;
    filterRun(pairs, evaluate(x, input), w, window, output, out + image * pairs.outImage);
  }
}

function filterRun(pairs: Pairs, x: usize, w: usize, window: Window, output: Tile, out: usize): void {
  const marginTop = window.marginTop;
  const marginLeft = window.marginLeft;
  for (let y: usize = 0; y < window.outHeight; y++) {
    const top = y * window.stride;
    const tapY = marginTop - min(top, marginTop);
    pairs.lines = min(window.kernel, window.height + marginTop - top) - tapY;
    for (let left: usize = 0, end = window.outWidth * window.stride; left < end; left += window.stride) {
      const tapX = marginLeft - min(left, marginLeft);
      pairs.steps = min(window.kernel, window.width + marginLeft - left) - tapX;
      const a = x + ((top + tapY - marginTop) * window.width + left + tapX - marginLeft) * output.stride;
      gatherPairs(pairs, a, w + (tapY * window.kernel + tapX) * output.stride, output, out, 0);
      out += output.stride;
    }
  }
}
