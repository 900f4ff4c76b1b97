import { Call } from '../wasm-call.as';
import { endOfTile, startOfTile } from '../weight-update.as';

@unmanaged
class MovingAverage extends Call {
  average: usize;
  values: usize;
  size4: usize;
  averageDecay: f32;
}

export function movingAverage(p: MovingAverage, _column: usize, row: usize, _scratch: usize): void {
  const decay = f32x4.splat(p.averageDecay);
  const rest = f32x4.splat(1 - p.averageDecay);
  const average = p.average;
  const values = p.values;
  const end = endOfTile(row, p.size4);
  for (let i = startOfTile(row); i < end; i += 16) {
    const kept = f32x4.mul(v128.load(average + i), decay);
    v128.store(average + i, f32x4.add(kept, f32x4.mul(v128.load(values + i), rest)));
  }
}
