import { endOfBlock, Pair, startOfBlock } from '../channel-pairs.as';
import { Call } from '../wasm-call.as';

@unmanaged
class BiasGradient extends Call {
  g: usize;
  gradient: usize;
  rows: usize;
  c4: usize;
}

export function biasGradient(p: BiasGradient, column: usize, _row: usize, _scratch: usize): void {
  const stride = p.c4 * 16;
  const end = endOfBlock(column, p.c4);
  for (let c = startOfBlock(column); c < end; c += Pair.BYTES) {
    let sum = f64x2.splat(0);
    for (let at = p.g + c, last = at + p.rows * stride; at < last; at += stride)
      sum = f64x2.add(sum, Pair.load(at));
    Pair.store(p.gradient + c, f64x2.add(Pair.load(p.gradient + c), sum));
  }
}
