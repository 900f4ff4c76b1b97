import { isSame, Lazy } from '../lazy.as';
import { Kind, Rows } from '../lazy-formulas.as';
import { Range } from '../range.as';
import { Epilogue, Tile } from '../wasm-call.as';

/** So many rows of four tensors stay in the nearest cache while the columns of their lines are gone through. */
const BLOCK: usize = 64;

/**
 * Whether the lazy value is the gradient before an activation, of stored values, and the epilogue sums what the batch norm before it
 * needs: the gradient, and its product with the standardized input.
 */
export function isActivationGradient(x: Lazy, epilogue: Epilogue): bool {
  if (changetype<usize>(epilogue) === 0 || changetype<usize>(epilogue.second) === 0) return false;
  const second = epilogue.second;
  if (x.kind !== Kind.TimesSlopeOfActivated || second.kind !== Kind.TimesStandardized) return false;
  const isOfStored = isStored(x.of) || isWithinRange(changetype<Lazy>(x.of), x.activated);
  return isOfStored && isStored(x.by) && second.vectors === x.vectors && isSame(second.by, x.by);
}

/** Whether that is a stored gradient where the activated value lies within a range. */
function isWithinRange(lazy: Lazy, activated: usize): bool {
  return lazy.kind === Kind.TimesWithinRange && isStored(lazy.of) && isSame(lazy.by, activated);
}

function isStored(lazy: usize): bool {
  return changetype<Lazy>(lazy).kind === Kind.Load;
}

/** Stores such a gradient in the tile's rows, and writes its sums: all in one pass. */
export function storeActivationGradient(x: Lazy, tile: Tile, out: usize, sums: usize): void {
  const stride = tile.stride;
  const first = tile.first * stride;
  const gradient = changetype<Lazy>(x.of);
  const range = gradient.range;
  const g = (range === 0 ? gradient.of : changetype<Lazy>(gradient.of).of) + first;
  const z = changetype<Lazy>(x.by).of + first;
  const y = changetype<Lazy>(x.activated).of + first;
  const end = tile.rows * stride;
  memory.fill(sums, 0, 2 * stride);
  for (let row: usize = 0; row < end; row += BLOCK * stride) {
    const blockEnd = min(row + BLOCK * stride, end);
    for (let c: usize = 0; c < stride; c += 16)
      if (range === 0)
        storeColumn(g + c, z + c, y + c, x.vectors + c, stride, row, blockEnd, out + c, sums + c);
      else storeWithin(range, g + c, z + c, y + c, x.vectors + c, stride, row, blockEnd, out + c, sums + c);
  }
}

/** The same where the activated values lie within a range. */
function storeWithin(
  range: usize,
  g: usize,
  z: usize,
  y: usize,
  vectors: usize,
  stride: usize,
  row: usize,
  end: usize,
  out: usize,
  sums: usize,
): void {
  const reciprocal = v128.load32_splat(range, 4);
  const limit = v128.load32_splat(range, 12);
  let sum = f32x4.splat(0),
    products = f32x4.splat(0);
  for (; row < end; row += stride) {
    const input = v128.load(z + row);
    const activated = v128.load(y + row);
    const passed = v128.and(v128.load(g + row), Range.within(activated, reciprocal, limit));
    const gradient = Rows.timesSlope(passed, Rows.normalized(input, vectors, stride), activated);
    v128.store(out + row, gradient);
    sum = f32x4.add(sum, gradient);
    products = f32x4.add(products, f32x4.mul(gradient, Rows.standardized(input, vectors, stride)));
  }
  v128.store(sums, f32x4.add(v128.load(sums), sum));
  v128.store(sums + stride, f32x4.add(v128.load(sums + stride), products));
}

/** Four channels of a block of rows, which are so many bytes from the tile's first row. */
function storeColumn(
  g: usize,
  z: usize,
  y: usize,
  vectors: usize,
  stride: usize,
  row: usize,
  end: usize,
  out: usize,
  sums: usize,
): void {
  let sum = f32x4.splat(0),
    products = f32x4.splat(0);
  for (; row < end; row += stride) {
    const input = v128.load(z + row);
    const gradient = Rows.timesSlope(
      v128.load(g + row),
      Rows.normalized(input, vectors, stride),
      v128.load(y + row),
    );
    v128.store(out + row, gradient);
    sum = f32x4.add(sum, gradient);
    products = f32x4.add(products, f32x4.mul(gradient, Rows.standardized(input, vectors, stride)));
  }
  v128.store(sums, f32x4.add(v128.load(sums), sum));
  v128.store(sums + stride, f32x4.add(v128.load(sums + stride), products));
}
