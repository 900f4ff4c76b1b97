import { isSame, Lazy } from '../lazy.as';
import { Kind, Rows } from '../lazy-formulas.as';
import { Slopes } from '../slopes.as';
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
  if (!isSlope(x.kind) || second.kind !== Kind.TimesStandardized) return false;
  return isStored(x.of) && isStored(x.by) && second.vectors === x.vectors && isSame(second.by, x.by);
}

function isSlope(kind: usize): bool {
  return (
    kind === Kind.TimesSlopeOfActivated ||
    kind === Kind.TimesSlopeWithin ||
    kind === Kind.TimesSlopeOfQuantized
  );
}

function isStored(lazy: usize): bool {
  return changetype<Lazy>(lazy).kind === Kind.Load;
}

/** Stores such a gradient in the tile's rows, and writes its sums: all in one pass. */
export function storeActivationGradient(x: Lazy, tile: Tile, out: usize, sums: usize): void {
  const stride = tile.stride;
  const first = tile.first * stride;
  const g = changetype<Lazy>(x.of).of + first;
  const z = changetype<Lazy>(x.by).of + first;
  const y = changetype<Lazy>(x.activated).of + first;
  const end = tile.rows * stride;
  memory.fill(sums, 0, 2 * stride);
  for (let row: usize = 0; row < end; row += BLOCK * stride) {
    const blockEnd = min(row + BLOCK * stride, end);
    for (let c: usize = 0; c < stride; c += 16)
      storeColumn(x, g + c, z + c, y + c, x.vectors + c, stride, row, blockEnd, out + c, sums + c);
  }
}

/** Four channels of a block of rows, which are so many bytes from the tile's first row. */
function storeColumn(
  x: Lazy,
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
  if (x.kind === Kind.TimesSlopeOfActivated)
    Column.store(Kind.TimesSlopeOfActivated, x, g, z, y, vectors, stride, row, end, out, sums);
  else if (x.kind === Kind.TimesSlopeWithin)
    Column.store(Kind.TimesSlopeWithin, x, g, z, y, vectors, stride, row, end, out, sums);
  else Column.store(Kind.TimesSlopeOfQuantized, x, g, z, y, vectors, stride, row, end, out, sums);
}

/** A loop of its own for each kind: only methods may be inlined. */
class Column {
  @inline
  static store(
    kind: Kind,
    x: Lazy,
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
    const reciprocal = v128.load32_splat(x.range, 4);
    const limit = v128.load32_splat(x.range, 12);
    const innerScale = v128.load32_splat(x.inner);
    const innerReciprocal = v128.load32_splat(x.inner, 4);
    const innerLevels = v128.load32_splat(x.inner, 8);
    const innerLimit = v128.load32_splat(x.inner, 12);
    let sum = f32x4.splat(0),
      products = f32x4.splat(0);
    for (; row < end; row += stride) {
      const input = v128.load(z + row);
      const normalized = Rows.normalized(input, vectors, stride);
      const old = v128.load(g + row);
      const activated = v128.load(y + row);
      const gradient =
        kind === Kind.TimesSlopeOfActivated
          ? Rows.timesSlope(old, normalized, activated)
          : Slopes.formula(
              kind,
              old,
              normalized,
              activated,
              reciprocal,
              limit,
              innerScale,
              innerReciprocal,
              innerLevels,
              innerLimit,
            );
      v128.store(out + row, gradient);
      sum = f32x4.add(sum, gradient);
      products = f32x4.add(products, f32x4.mul(gradient, Rows.standardized(input, vectors, stride)));
    }
    v128.store(sums, f32x4.add(v128.load(sums), sum));
    v128.store(sums + stride, f32x4.add(v128.load(sums + stride), products));
  }
}
