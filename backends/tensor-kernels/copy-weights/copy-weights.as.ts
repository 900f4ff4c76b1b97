import { Call } from '../wasm-call.as';
import { endOfTile, startOfTile } from '../weight-update.as';

@unmanaged
class CopyWeights extends Call {
  weights: usize;
  copy: usize;
  size4: usize;
}

export function copyWeights(p: CopyWeights, _column: usize, row: usize, _scratch: usize): void {
  const start = startOfTile(row);
  memory.copy(p.copy + start, p.weights + start, endOfTile(row, p.size4) - start);
}
