import { Call } from '../wasm-call.as';
import { endOfTile, startOfTile } from '../weight-update.as';

@unmanaged
class FiniteCheck extends Call {
  gradients: usize;
  flag: usize;
  size4: usize;
}

export function finiteCheck(p: FiniteCheck, _column: usize, row: usize, _scratch: usize): void {
  const end = endOfTile(row, p.size4);
  let found = f32x4.splat(0);
  for (let i = startOfTile(row); i < end; i += 16) {
    const gradients = v128.load(p.gradients + i);
    // 0, unless a gradient is infinite or not a number
    const nothing = f32x4.sub(gradients, gradients);
    found = v128.or(found, f32x4.ne(nothing, nothing));
  }
  // other tiles write nothing else there
  if (v128.any_true(found)) store<u32>(p.flag, 1);
}
