import { putGradients } from '../batch-norm.as';
import { endOfBlock, Pair, startOfBlock } from '../channel-pairs.as';
import { evaluate, Lazy } from '../lazy.as';
import { Call, Tile, tileOf } from '../wasm-call.as';

@unmanaged
class BatchNormGradientOfSamples extends Call {
  sums: usize;
  /** How many, and then a lazy value each. */
  factors: usize;
  scale: usize;
  vectors: usize;
  scaleGradient: usize;
  shiftGradient: usize;
  samples: usize;
  c4: usize;
  sampleRows: usize;
  rows: usize;
  first: usize;
}

/** Bytes of a sum in float64 for each of 64 channels; there are two, in scratch memory. */
const TOTALS: usize = 512;

export function batchNormGradientOfSamples(
  p: BatchNormGradientOfSamples,
  column: usize,
  _row: usize,
  scratch: usize,
): void {
  const tile = tileOf(scratch + 2 * TOTALS, 0, p.samples, p.c4, p.sampleRows);
  tile.from = startOfBlock(column);
  tile.to = endOfBlock(column, p.c4);
  memory.fill(scratch, 0, 2 * TOTALS);
  const count = load<usize>(p.factors);
  for (let i: usize = 0; i < count; i++) {
    tile.free = tile.scratch;
    const factor = evaluate(changetype<Lazy>(load<usize>(p.factors + (i + 1) * 4)), tile);
    addSamples(factor, p.sums + (p.first + 2 * i) * p.samples * tile.stride, tile, scratch);
  }
  for (let c = tile.from, at = scratch; c < tile.to; c += Pair.BYTES, at += 16) {
    const products = v128.load(at + TOTALS);
    putGradients(
      p.scale,
      p.vectors,
      p.scaleGradient,
      p.shiftGradient,
      tile.stride,
      c,
      p.rows,
      v128.load(at),
      products,
    );
  }
}

/** totals += the sums over samples of a factor times each of two sums over its rows. */
function addSamples(factor: usize, sums: usize, tile: Tile, totals: usize): void {
  const stride = tile.stride;
  const plane = tile.rows * stride;
  for (let c = tile.from, at = totals; c < tile.to; c += Pair.BYTES, at += 16) {
    let sum = v128.load(at),
      products = v128.load(at + TOTALS);
    for (let place = c; place < plane; place += stride) {
      const value = Pair.load(factor + place);
      sum = f64x2.add(sum, f64x2.mul(value, Pair.load(sums + place)));
      products = f64x2.add(products, f64x2.mul(value, Pair.load(sums + plane + place)));
    }
    v128.store(at, sum);
    v128.store(at + TOTALS, products);
  }
}
