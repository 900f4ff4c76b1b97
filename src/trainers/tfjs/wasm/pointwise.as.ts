// 1x1 convolutions as matrix products over `rows` = n * h * w pixels. tfjs's XNNPACK does them too, but for each filter
// it has not seen it makes an operator with a packed copy; in training every step's filters are new.

// rows that stay in the cache while all panels of the filter read them
const ROW_BLOCK: usize = 128;
/** Columns of a panel: two vectors of f32. */
const PANEL: usize = 8;

/** out [rows, outChannels] = x [rows, channels] times filter [channels, outChannels]. scratch: a filter in panels. */
export function pointwise(
  x: usize,
  filter: usize,
  rows: usize,
  channels: usize,
  outChannels: usize,
  scratch: usize,
  out: usize,
): void {
  let panel = scratch;
  for (let o: usize = 0; o < outChannels; o += PANEL) {
    const width = min(PANEL, outChannels - o);
    for (let c: usize = 0; c < channels; c++) {
      const from = filter + (c * outChannels + o) * 4;
      if (width === PANEL) copyEight(from, panel);
      else copyPadded(from, width, 4, panel);
      panel += PANEL * 4;
    }
  }
  multiply(x, scratch, rows, channels, outChannels, out);
}

/** dx [rows, channels] = dy [rows, outChannels] times the transposed filter. scratch: a transposed filter in panels. */
export function pointwiseInputGradient(
  dy: usize,
  filter: usize,
  rows: usize,
  channels: usize,
  outChannels: usize,
  scratch: usize,
  dx: usize,
): void {
  const stride = outChannels * 4;
  let panel = scratch;
  for (let c: usize = 0; c < channels; c += PANEL) {
    const width = min(PANEL, channels - c);
    const from = filter + c * stride;
    let o: usize = 0;
    if (width === PANEL) {
      for (; o + 4 <= outChannels; o += 4) {
        transposeFour(from + o * 4, stride, panel + o * PANEL * 4);
        transposeFour(from + o * 4 + 4 * stride, stride, panel + o * PANEL * 4 + 16);
      }
    }
    for (; o < outChannels; o++) copyPadded(from + o * 4, width, stride, panel + o * PANEL * 4);
    panel += outChannels * PANEL * 4;
  }
  multiply(dy, scratch, rows, outChannels, channels, dx);
}

/** out [rows, columns] = a [rows, depth] times a matrix in panels, each [depth, 8], the last one padded. */
function multiply(a: usize, panels: usize, rows: usize, depth: usize, columns: usize, out: usize): void {
  const aStride = depth * 4;
  const outStride = columns * 4;
  for (let block: usize = 0; block < rows; block += ROW_BLOCK) {
    const end = min(block + ROW_BLOCK, rows);
    let panel = panels;
    for (let column: usize = 0; column < columns; column += PANEL) {
      const width = min(PANEL, columns - column);
      const target = out + column * 4;
      let row = block;
      if (width === PANEL) {
        for (; row + 4 <= end; row += 4)
          multiplyFourRows(a + row * aStride, aStride, panel, depth, target + row * outStride, outStride);
      }
      for (; row < end; row++) multiplyRow(a + row * aStride, panel, depth, width, target + row * outStride);
      panel += depth * PANEL * 4;
    }
  }
}

/** out [4, 8] = a [4, depth] times one panel. */
function multiplyFourRows(
  a0: usize,
  aStride: usize,
  panel: usize,
  depth: usize,
  out: usize,
  outStride: usize,
): void {
  const end = a0 + depth * 4;
  const a2Offset: usize = 2 * aStride;
  const a3Offset: usize = 3 * aStride;
  let s00 = f32x4.splat(0),
    s01 = f32x4.splat(0),
    s10 = f32x4.splat(0),
    s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0),
    s21 = f32x4.splat(0),
    s30 = f32x4.splat(0),
    s31 = f32x4.splat(0);
  for (; a0 < end; a0 += 4) {
    const b0 = v128.load(panel),
      b1 = v128.load(panel, 16);
    const v0 = v128.load32_splat(a0),
      v1 = v128.load32_splat(a0 + aStride);
    const v2 = v128.load32_splat(a0 + a2Offset),
      v3 = v128.load32_splat(a0 + a3Offset);
    s00 = f32x4.add(s00, f32x4.mul(v0, b0));
    s01 = f32x4.add(s01, f32x4.mul(v0, b1));
    s10 = f32x4.add(s10, f32x4.mul(v1, b0));
    s11 = f32x4.add(s11, f32x4.mul(v1, b1));
    s20 = f32x4.add(s20, f32x4.mul(v2, b0));
    s21 = f32x4.add(s21, f32x4.mul(v2, b1));
    s30 = f32x4.add(s30, f32x4.mul(v3, b0));
    s31 = f32x4.add(s31, f32x4.mul(v3, b1));
    panel += PANEL * 4;
  }
  storePair(out, s00, s01);
  storePair(out + outStride, s10, s11);
  storePair(out + 2 * outStride, s20, s21);
  storePair(out + 3 * outStride, s30, s31);
}

/** The first `width` columns of one row times one panel. */
function multiplyRow(a: usize, panel: usize, depth: usize, width: usize, out: usize): void {
  let low = f32x4.splat(0),
    high = f32x4.splat(0);
  for (let i: usize = 0; i < depth; i++) {
    const value = v128.load32_splat(a + i * 4);
    low = f32x4.add(low, f32x4.mul(value, v128.load(panel + i * PANEL * 4)));
    high = f32x4.add(high, f32x4.mul(value, v128.load(panel + i * PANEL * 4, 16)));
  }
  if (width === PANEL) storePair(out, low, high);
  else storeSome(out, width, low, high);
}

function storePair(out: usize, low: v128, high: v128): void {
  v128.store(out, low);
  v128.store(out, high, 16);
}

/** The first 1 to 7 of eight values. */
function storeSome(out: usize, width: usize, low: v128, high: v128): void {
  let rest = low;
  if (width >= 4) {
    v128.store(out, low);
    rest = high;
  }
  const done: usize = width & 4;
  const end = out + width * 4;
  let to = out + done * 4;
  if (to < end) store<f32>(to, f32x4.extract_lane(rest, 0));
  to += 4;
  if (to < end) store<f32>(to, f32x4.extract_lane(rest, 1));
  to += 4;
  if (to < end) store<f32>(to, f32x4.extract_lane(rest, 2));
}

function copyEight(from: usize, to: usize): void {
  storePair(to, v128.load(from), v128.load(from, 16));
}

/** `width` values, `stride` bytes apart, and zeros up to eight. */
function copyPadded(from: usize, width: usize, stride: usize, to: usize): void {
  for (let i: usize = 0; i < PANEL; i++) store<f32>(to + i * 4, i < width ? load<f32>(from + i * stride) : 0);
}

/** Four columns of four rows, `stride` bytes apart, become four half rows of a panel. */
function transposeFour(from: usize, stride: usize, to: usize): void {
  const r0 = v128.load(from),
    r1 = v128.load(from + stride);
  const r2 = v128.load(from + 2 * stride),
    r3 = v128.load(from + 3 * stride);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5),
    high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5),
    high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), PANEL * 4);
  v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 2 * PANEL * 4);
  v128.store(to, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 3 * PANEL * 4);
}
