import { Range } from '../range.as';
import { Call } from '../wasm-call.as';
import { endOfTile, startOfTile } from '../weight-update.as';

@unmanaged
class GradientsWithin extends Call {
  weights: usize;
  reciprocals: usize;
  gradients: usize;
  size4: usize;
  limit: f32;
}

export function gradientsWithin(p: GradientsWithin, _column: usize, row: usize, _scratch: usize): void {
  const limit = f32x4.splat(p.limit);
  const weights = p.weights;
  const reciprocals = p.reciprocals;
  const gradients = p.gradients;
  const end = endOfTile(row, p.size4);
  for (let i = startOfTile(row); i < end; i += 16) {
    const isWithin = Range.within(v128.load(weights + i), v128.load(reciprocals + i), limit);
    v128.store(gradients + i, v128.and(v128.load(gradients + i), isWithin));
  }
}
