import { putGradients } from '../batch-norm.as';
import { endOfBlock, Pair, startOfBlock } from '../channel-pairs.as';
import { Call } from '../wasm-call.as';

@unmanaged
class BatchNormGradient extends Call {
  parts: usize;
  scale: usize;
  vectors: usize;
  scaleGradient: usize;
  shiftGradient: usize;
  rows: usize;
  count: usize;
  c4: usize;
}

export function batchNormGradient(p: BatchNormGradient, column: usize, _row: usize, _scratch: usize): void {
  const stride = p.c4 * 16;
  const end = endOfBlock(column, p.c4);
  for (let c = startOfBlock(column); c < end; c += Pair.BYTES) {
    let sum = f64x2.splat(0),
      products = f64x2.splat(0);
    for (let at = p.parts + c, last = at + p.count * 2 * stride; at < last; at += 2 * stride) {
      sum = f64x2.add(sum, Pair.load(at));
      products = f64x2.add(products, Pair.load(at + stride));
    }
    putGradients(p.scale, p.vectors, p.scaleGradient, p.shiftGradient, stride, c, p.rows, sum, products);
  }
}
