import { putNormalization } from '../batch-norm.as';
import { endOfBlock, Pair, startOfBlock } from '../channel-pairs.as';
import { Call } from '../wasm-call.as';

@unmanaged
class BatchNormRunning extends Call {
  runningMean: usize;
  runningVariance: usize;
  scale: usize;
  shift: usize;
  vectors: usize;
  c4: usize;
  epsilon: f32;
}

export function batchNormRunning(p: BatchNormRunning, column: usize, _row: usize, _scratch: usize): void {
  const stride = p.c4 * 16;
  const end = endOfBlock(column, p.c4);
  for (let c = startOfBlock(column); c < end; c += Pair.BYTES) {
    const mean = Pair.load(p.runningMean + c);
    const variance = Pair.load(p.runningVariance + c);
    putNormalization(p.scale, p.shift, p.vectors, stride, c, <f64>p.epsilon, mean, variance);
  }
}
