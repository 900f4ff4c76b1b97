import { Range } from '../range.as';
import { Call } from '../wasm-call.as';
import { endOfTile, startOfTile } from '../weight-update.as';

@unmanaged
class QuantizeWeights extends Call {
  weights: usize;
  scales: usize;
  reciprocals: usize;
  copy: usize;
  size4: usize;
  levels: f32;
}

export function quantizeWeights(p: QuantizeWeights, _column: usize, row: usize, _scratch: usize): void {
  const levels = f32x4.splat(p.levels);
  const weights = p.weights;
  const scales = p.scales;
  const reciprocals = p.reciprocals;
  const copy = p.copy;
  const end = endOfTile(row, p.size4);
  for (let i = startOfTile(row); i < end; i += 16) {
    const weight = v128.load(weights + i);
    const scale = v128.load(scales + i);
    const rounded = Range.quantize(weight, scale, v128.load(reciprocals + i), levels);
    v128.store(copy + i, v128.bitselect(weight, rounded, f32x4.eq(scale, f32x4.splat(0))));
  }
}
