const ROUNDS = 3;
/** Bytes of a vector: four values of a line, or of four lines. */
const VECTOR = 16;

/** Lines are blurred where they lie in scratch memory, in the cache: as vectors of four sums of 32 bits a place. */
export function boxBlur(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  radius: i32,
  weight: u32,
  edgeWeight: u32,
  isVertical: u32,
  scratch: usize,
): void {
  if (isVertical == 1) blurColumns(source, target, width, height, radius, weight, edgeWeight, scratch);
  else blurRows(source, target, width, height, radius, weight, edgeWeight, scratch);
}

/** A pixel is a vector, in which a lane is idle. */
function blurRows(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  radius: i32,
  weight: u32,
  edgeWeight: u32,
  scratch: usize,
): void {
  const wandered = <usize>ROUNDS * marginOf(radius);
  const end = source + width * height * 3;
  for (; source < end; source += width * 3, target += width * 3) {
    loadRow(source, width, scratch + wandered);
    blurLine(scratch + wandered, width, radius, weight, edgeWeight);
    storeRow(target, width, scratch);
  }
}

/** Writes up to three pixels beyond the row's end, to where its margin will be. */
function loadRow(source: usize, width: i32, line: usize): void {
  for (const end = line + width * VECTOR; line < end; source += 12, line += 4 * VECTOR) {
    const bytes = v128.load(source);
    v128.store(
      line,
      i8x16.swizzle(bytes, i8x16(0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, -1, -1, -1, -1)),
    );
    v128.store(
      line,
      i8x16.swizzle(bytes, i8x16(3, -1, -1, -1, 4, -1, -1, -1, 5, -1, -1, -1, -1, -1, -1, -1)),
      16,
    );
    v128.store(
      line,
      i8x16.swizzle(bytes, i8x16(6, -1, -1, -1, 7, -1, -1, -1, 8, -1, -1, -1, -1, -1, -1, -1)),
      32,
    );
    v128.store(
      line,
      i8x16.swizzle(bytes, i8x16(9, -1, -1, -1, 10, -1, -1, -1, 11, -1, -1, -1, -1, -1, -1, -1)),
      48,
    );
  }
}

/** Writes up to 13 bytes beyond the row's end: the next row is written after it. */
function storeRow(target: usize, width: i32, line: usize): void {
  for (const end = line + width * VECTOR; line < end; target += 12, line += 4 * VECTOR) {
    const bytes = narrow(v128.load(line), v128.load(line, 16), v128.load(line, 32), v128.load(line, 48));
    v128.store(target, i8x16.swizzle(bytes, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)));
  }
}

/** Sixteen bytes across at a time, in four lines of vectors; the last sixteen end where rows end. */
function blurColumns(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  radius: i32,
  weight: u32,
  edgeWeight: u32,
  scratch: usize,
): void {
  const stride = width * 3;
  const wandered = <usize>ROUNDS * marginOf(radius);
  const line = wandered + height * VECTOR + marginOf(radius);
  for (let strip = 0; strip < stride; strip += 16) {
    const column = max(0, min(strip, stride - 16));
    loadColumns(source + column, stride, height, scratch + wandered, line);
    for (let i: usize = 0; i < 4; i++)
      blurLine(scratch + i * line + wandered, height, radius, weight, edgeWeight);
    storeColumns(target + column, stride, height, scratch, line);
  }
}

function loadColumns(source: usize, stride: usize, height: i32, lines: usize, line: usize): void {
  for (const end = lines + height * VECTOR; lines < end; lines += VECTOR, source += stride) {
    const bytes = v128.load(source);
    const front = i16x8.extend_low_i8x16_u(bytes);
    const back = i16x8.extend_high_i8x16_u(bytes);
    v128.store(lines, i32x4.extend_low_i16x8_u(front));
    v128.store(lines + line, i32x4.extend_high_i16x8_u(front));
    v128.store(lines + 2 * line, i32x4.extend_low_i16x8_u(back));
    v128.store(lines + 3 * line, i32x4.extend_high_i16x8_u(back));
  }
}

/** Of rows of fewer than 16 bytes writes beyond their ends: the next row is written after them. */
function storeColumns(target: usize, stride: usize, height: i32, lines: usize, line: usize): void {
  for (const end = lines + height * VECTOR; lines < end; lines += VECTOR, target += stride) {
    const front = v128.load(lines);
    const back = v128.load(lines + 2 * line);
    v128.store(target, narrow(front, v128.load(lines + line), back, v128.load(lines + 3 * line)));
  }
}

function narrow(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(a, b), i16x8.narrow_i32x4_u(c, d));
}

/** Bytes of what a value needs on either side. */
function marginOf(radius: i32): usize {
  return <usize>(radius + 1) * VECTOR;
}

/** All rounds; each moves the line to the front by a margin, where nothing is read any more. */
function blurLine(line: usize, length: i32, radius: i32, weight: u32, edgeWeight: u32): void {
  const margin = marginOf(radius);
  for (let round = 0; round < ROUNDS; round++) {
    const end = line + length * VECTOR;
    fill(line - margin, line, v128.load(line));
    fill(end, end + margin, v128.load(end - VECTOR));
    line -= margin;
    blurOnce(line, line + length * VECTOR, radius, i32x4.splat(weight), i32x4.splat(edgeWeight));
  }
}

function fill(from: usize, to: usize, value: v128): void {
  for (; from < to; from += VECTOR) v128.store(from, value);
}

/** Writes each value to where the first that it needed was. */
function blurOnce(from: usize, to: usize, radius: i32, weights: v128, edgeWeights: v128): void {
  const window = <usize>(2 * radius + 1) * VECTOR;
  const half = i32x4.splat(1 << 23);
  let sum = i32x4.splat(0);
  for (let at = from; at < from + window; at += VECTOR) sum = i32x4.add(sum, v128.load(at));
  for (let at = from; at < to; at += VECTOR) {
    const before = v128.load(at);
    sum = i32x4.add(sum, i32x4.sub(v128.load(at + window), before));
    const outer = i32x4.add(before, v128.load(at + window, VECTOR));
    const weighted = i32x4.add(i32x4.mul(sum, weights), i32x4.mul(outer, edgeWeights));
    v128.store(at, i32x4.shr_u(i32x4.add(weighted, half), 24));
  }
}
