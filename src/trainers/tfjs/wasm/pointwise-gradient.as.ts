import { addPair } from './accumulate.as';

/** dFilter [channels, outChannels] of a 1x1 convolution: x transposed times dy, over rows of n * h * w pixels. */
export function pointwiseFilterGradient(
  x: usize,
  dy: usize,
  rows: usize,
  channels: usize,
  outChannels: usize,
  out: usize,
): void {
  memory.fill(out, 0, channels * outChannels * 4);
  // a panel of rows stays in the cache while all blocks of the output read it
  const panel: usize = 128;
  for (let row: usize = 0; row < rows; row += panel) {
    const count = min(panel, rows - row);
    const xPanel = x + row * channels * 4;
    const dyPanel = dy + row * outChannels * 4;
    for (let o: usize = 0; o < outChannels; ) {
      const width: usize = outChannels - o >= 8 ? 8 : 1;
      for (let c: usize = 0; c < channels; ) {
        const height: usize = channels - c >= 4 ? 4 : 1;
        const a = xPanel + c * 4;
        const b = dyPanel + o * 4;
        const target = out + (c * outChannels + o) * 4;
        if (width === 8 && height === 4) addBlock(a, b, count, channels, outChannels, target);
        else addPlain(a, b, count, channels, outChannels, height, width, target);
        c += height;
      }
      o += width;
    }
  }
}

/** out[4, 8] += sum over rows of a[row, 0..4] outer b[row, 0..8]. */
function addBlock(a: usize, b: usize, rows: usize, channels: usize, outChannels: usize, out: usize): void {
  const aStride = channels * 4;
  const bStride = outChannels * 4;
  let s00 = f32x4.splat(0),
    s01 = f32x4.splat(0),
    s10 = f32x4.splat(0),
    s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0),
    s21 = f32x4.splat(0),
    s30 = f32x4.splat(0),
    s31 = f32x4.splat(0);
  for (let row: usize = 0; row < rows; row++) {
    const b0 = v128.load(b),
      b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a),
      a1 = v128.load32_splat(a, 4);
    const a2 = v128.load32_splat(a, 8),
      a3 = v128.load32_splat(a, 12);
    s00 = f32x4.add(s00, f32x4.mul(a0, b0));
    s01 = f32x4.add(s01, f32x4.mul(a0, b1));
    s10 = f32x4.add(s10, f32x4.mul(a1, b0));
    s11 = f32x4.add(s11, f32x4.mul(a1, b1));
    s20 = f32x4.add(s20, f32x4.mul(a2, b0));
    s21 = f32x4.add(s21, f32x4.mul(a2, b1));
    s30 = f32x4.add(s30, f32x4.mul(a3, b0));
    s31 = f32x4.add(s31, f32x4.mul(a3, b1));
    a += aStride;
    b += bStride;
  }
  addPair(out, s00, s01);
  addPair(out + bStride, s10, s11);
  addPair(out + 2 * bStride, s20, s21);
  addPair(out + 3 * bStride, s30, s31);
}

/** addBlock for the edges: height rows and width columns of the output. */
function addPlain(
  a: usize,
  b: usize,
  rows: usize,
  channels: usize,
  outChannels: usize,
  height: usize,
  width: usize,
  out: usize,
): void {
  for (let i: usize = 0; i < height; i++) {
    for (let j: usize = 0; j < width; j++) {
      let sum: f32 = 0;
      for (let row: usize = 0; row < rows; row++) {
        sum += load<f32>(a + (row * channels + i) * 4) * load<f32>(b + (row * outChannels + j) * 4);
      }
      const target = out + (i * outChannels + j) * 4;
      store<f32>(target, load<f32>(target) + sum);
    }
  }
}
