import { evaluate, evaluateFrom, isSame, Lazy } from './lazy.as';
import { Kind } from './lazy-formulas.as';
import { Epilogue, Tile } from './wasm-call.as';

/** Writes the epilogue's sums over a tile's rows of an output, where there is an epilogue. */
export function finishPart(epilogue: Epilogue, part: usize, tile: Tile): void {
  if (changetype<usize>(epilogue) === 0) return;
  tile.free = tile.scratch;
  const sums = epilogue.parts + part * 2 * tile.stride;
  if (changetype<usize>(epilogue.second) === 0)
    return momentsOfRows(evaluate(epilogue.first, tile), tile, sums);
  sumBoth(epilogue.first, epilogue.second, tile, sums, false);
}

/**
 * out [2, channels] = the sums of two lazy values over a tile's rows, or those are added to it. A batch norm's are of a gradient,
 * and of its product with the standardized input: the gradient is computed once.
 */
export function sumBoth(first: Lazy, second: Lazy, tile: Tile, out: usize, isMore: bool): void {
  const values = evaluate(first, tile);
  sumRows(values, tile, out, isMore);
  const isProduct = second.kind === Kind.TimesStandardized && isSame(changetype<usize>(first), second.of);
  const others = isProduct ? evaluateFrom(values, second, tile) : evaluate(second, tile);
  sumRows(others, tile, out + tile.stride, isMore);
}

/** out [channels] = the sum over a tile's rows, or that is added to it. */
export function sumRows(x: usize, tile: Tile, out: usize, isMore: bool = false): void {
  const stride = tile.stride;
  const end = x + tile.rows * stride;
  let c = tile.from;
  for (; c + 32 <= tile.to; c += 32) {
    let low = f32x4.splat(0),
      high = f32x4.splat(0);
    for (let row = x; row < end; row += stride) {
      low = f32x4.add(low, v128.load(row + c));
      high = f32x4.add(high, v128.load(row + c, 16));
    }
    putSum(out + c, low, isMore);
    putSum(out + c + 16, high, isMore);
  }
  if (c === tile.to) return;
  let sum = f32x4.splat(0);
  for (let row = x; row < end; row += stride) sum = f32x4.add(sum, v128.load(row + c));
  putSum(out + c, sum, isMore);
}

function putSum(out: usize, sum: v128, isMore: bool): void {
  v128.store(out, isMore ? f32x4.add(v128.load(out), sum) : sum);
}

/** out [2, channels] = the mean of a tile's rows, and the sum of squared distances from it. */
function momentsOfRows(x: usize, tile: Tile, out: usize): void {
  const stride = tile.stride;
  const end = x + tile.rows * stride;
  const inverse = f32x4.splat(1 / <f32>tile.rows);
  for (let c = tile.from; c < tile.to; c += 16) {
    // distances from the first row: no cancellation where the mean is large against the deviation
    const origin = v128.load(x + c);
    let sum = f32x4.splat(0),
      squares = f32x4.splat(0);
    for (let row = x; row < end; row += stride) {
      const distance = f32x4.sub(v128.load(row + c), origin);
      sum = f32x4.add(sum, distance);
      squares = f32x4.add(squares, f32x4.mul(distance, distance));
    }
    const offset = f32x4.mul(sum, inverse);
    v128.store(out + c, f32x4.add(origin, offset));
    const rest = f32x4.sub(squares, f32x4.mul(sum, offset));
    v128.store(out + stride + c, f32x4.max(rest, f32x4.splat(0)));
  }
}
