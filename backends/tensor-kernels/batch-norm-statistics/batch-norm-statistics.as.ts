import { putNormalization } from '../batch-norm.as';
import { endOfBlock, Pair, startOfBlock } from '../channel-pairs.as';
import { Call } from '../wasm-call.as';

@unmanaged
class BatchNormStatistics extends Call {
  parts: usize;
  scale: usize;
  shift: usize;
  vectors: usize;
  runningMean: usize;
  runningVariance: usize;
  rows: usize;
  chunk: usize;
  count: usize;
  c4: usize;
  epsilon: f32;
  momentum: f32;
}

export function batchNormStatistics(
  p: BatchNormStatistics,
  column: usize,
  _row: usize,
  _scratch: usize,
): void {
  const end = endOfBlock(column, p.c4);
  for (let c = startOfBlock(column); c < end; c += Pair.BYTES) merge(p, c);
}

/** Parts are merged by their means' distances from the first, so that nothing cancels where means are large. */
function merge(p: BatchNormStatistics, c: usize): void {
  const stride = p.c4 * 16;
  const origin = Pair.load(p.parts + c);
  let sum = f64x2.splat(0),
    squares = f64x2.splat(0);
  let left = p.rows;
  for (let at = p.parts + c, end = at + p.count * 2 * stride; at < end; at += 2 * stride) {
    const distance = f64x2.sub(Pair.load(at), origin);
    const rows = min(p.chunk, left);
    left -= rows;
    const weighted = f64x2.mul(f64x2.splat(<f64>rows), distance);
    sum = f64x2.add(sum, weighted);
    squares = f64x2.add(squares, f64x2.add(Pair.load(at + stride), f64x2.mul(weighted, distance)));
  }
  const offset = f64x2.div(sum, f64x2.splat(<f64>p.rows));
  const rest = f64x2.max(f64x2.sub(squares, f64x2.mul(sum, offset)), f64x2.splat(0));
  put(p, c, f64x2.add(origin, offset), rest);
}

function put(p: BatchNormStatistics, c: usize, mean: v128, squares: v128): void {
  const variance = f64x2.div(squares, f64x2.splat(<f64>p.rows));
  putNormalization(p.scale, p.shift, p.vectors, p.c4 * 16, c, <f64>p.epsilon, mean, variance);
  move(p.runningMean + c, mean, <f64>p.momentum);
  const withoutBias = f64x2.div(squares, f64x2.splat(<f64>max<usize>(1, p.rows - 1)));
  move(p.runningVariance + c, withoutBias, <f64>p.momentum);
}

/** Moves two running statistics by `momentum` towards a batch's. */
function move(at: usize, towards: v128, momentum: f64): void {
  const kept = f64x2.mul(Pair.load(at), f64x2.splat(1 - momentum));
  Pair.store(at, f64x2.add(kept, f64x2.mul(towards, f64x2.splat(momentum))));
}
