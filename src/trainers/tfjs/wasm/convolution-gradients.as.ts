// Gradients of convolutions that tfjs's own WebAssembly lacks. All tensors f32: x [n, h, w, c], dy [n, oh, ow, c'];
// filters [k, k, c, c'] and, depthwise, [k, k, c, 1]. Padding `pad` is on the top and left side; what is read
// beyond the input is zero.

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

function addPair(out: usize, first: v128, second: v128): void {
  v128.store(out, f32x4.add(v128.load(out), first));
  v128.store(out, f32x4.add(v128.load(out, 16), second), 16);
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

/** dFilter [kernel, kernel, channels, outChannels] of any convolution. */
export function convolutionFilterGradient(
  x: usize,
  dy: usize,
  n: i32,
  h: i32,
  w: i32,
  channels: i32,
  oh: i32,
  ow: i32,
  outChannels: i32,
  kernel: i32,
  stride: i32,
  pad: i32,
  out: usize,
): void {
  memory.fill(out, 0, <usize>(kernel * kernel * channels * outChannels * 4));
  for (let row = 0; row < n * oh; row++) {
    const image = row / oh;
    const dyRow = dy + <usize>(row * ow * outChannels * 4);
    for (let ky = 0; ky < kernel; ky++) {
      const iy = (row % oh) * stride + ky - pad;
      if (iy < 0 || iy >= h) continue;
      for (let kx = 0; kx < kernel; kx++) {
        const first = firstColumn(kx, stride, pad);
        const last = lastColumn(kx, stride, pad, w, ow);
        const xRow = x + <usize>(((image * h + iy) * w + first * stride + kx - pad) * channels * 4);
        const target = out + <usize>((ky * kernel + kx) * channels * outChannels * 4);
        for (let c = 0; c < channels; c++) {
          addRow(
            xRow + <usize>(c * 4),
            <usize>(stride * channels * 4),
            dyRow + <usize>(first * outChannels * 4),
            last - first + 1,
            outChannels,
            target + <usize>(c * outChannels * 4),
          );
        }
      }
    }
  }
}

/** out[0..channels] += sum over pixels of x[pixel] * dy[pixel, 0..channels]. */
function addRow(x: usize, xStride: usize, dy: usize, pixels: i32, channels: i32, out: usize): void {
  const dyStride = <usize>(channels * 4);
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const column = dy + <usize>(c * 4);
    let sum = f32x4.splat(0);
    for (let i = 0; i < pixels; i++) {
      sum = f32x4.add(
        sum,
        f32x4.mul(v128.load32_splat(x + <usize>i * xStride), v128.load(column + <usize>i * dyStride)),
      );
    }
    const target = out + <usize>(c * 4);
    v128.store(target, f32x4.add(v128.load(target), sum));
  }
  for (; c < channels; c++) {
    let sum: f32 = 0;
    for (let i = 0; i < pixels; i++) {
      sum += load<f32>(x + <usize>i * xStride) * load<f32>(dy + <usize>i * dyStride + <usize>(c * 4));
    }
    const target = out + <usize>(c * 4);
    store<f32>(target, load<f32>(target) + sum);
  }
}

/** dFilter [kernel, kernel, channels, 1] of a depthwise convolution. */
export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  n: i32,
  h: i32,
  w: i32,
  channels: i32,
  oh: i32,
  ow: i32,
  kernel: i32,
  stride: i32,
  pad: i32,
  out: usize,
): void {
  memory.fill(out, 0, <usize>(kernel * kernel * channels * 4));
  for (let row = 0; row < n * oh; row++) {
    const image = row / oh;
    for (let ky = 0; ky < kernel; ky++) {
      const iy = (row % oh) * stride + ky - pad;
      if (iy < 0 || iy >= h) continue;
      for (let kx = 0; kx < kernel; kx++) {
        const first = firstColumn(kx, stride, pad);
        const last = lastColumn(kx, stride, pad, w, ow);
        const xRow = x + <usize>(((image * h + iy) * w + first * stride + kx - pad) * channels * 4);
        const dyRow = dy + <usize>((row * ow + first) * channels * 4);
        addProducts(
          xRow,
          <usize>(stride * channels * 4),
          dyRow,
          last - first + 1,
          channels,
          out + <usize>((ky * kernel + kx) * channels * 4),
        );
      }
    }
  }
}

/** out[0..channels] += sum over pixels of x[pixel, 0..channels] * dy[pixel, 0..channels]. */
function addProducts(x: usize, xStride: usize, dy: usize, pixels: i32, channels: i32, out: usize): void {
  const bytes = <usize>(channels * 4);
  let c: usize = 0;
  // four sums side by side: one alone would wait for its own additions
  for (; c + 64 <= bytes; c += 64) {
    let a = x + c;
    let b = dy + c;
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    for (let i = 0; i < pixels; i++) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
      a += xStride;
      b += bytes;
    }
    addPair(out + c, s0, s1);
    addPair(out + c + 32, s2, s3);
  }
  for (; c + 16 <= bytes; c += 16) {
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < <usize>pixels; i++) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(x + i * xStride + c), v128.load(dy + i * bytes + c)));
    }
    v128.store(out + c, f32x4.add(v128.load(out + c), sum));
  }
  for (; c < bytes; c += 4) {
    let sum: f32 = 0;
    for (let i: usize = 0; i < <usize>pixels; i++) {
      sum += load<f32>(x + i * xStride + c) * load<f32>(dy + i * bytes + c);
    }
    store<f32>(out + c, load<f32>(out + c) + sum);
  }
}

/** dx [n, h, w, channels] of a depthwise convolution: each input pixel gathers the outputs that read it. */
export function depthwiseInputGradient(
  dy: usize,
  filter: usize,
  n: i32,
  h: i32,
  w: i32,
  channels: i32,
  oh: i32,
  ow: i32,
  kernel: i32,
  stride: i32,
  pad: i32,
  out: usize,
): void {
  const pixel = <usize>(channels * 4);
  for (let row = 0; row < n * h; row++) {
    const image = row / h;
    const y = (row % h) + pad;
    const firstY = firstTap(y, stride, oh);
    const tapsY = tapCount(firstY, y, stride, kernel);
    for (let column = 0; column < w; column++) {
      const x = column + pad;
      const firstX = firstTap(x, stride, ow);
      const tapsX = tapCount(firstX, x, stride, kernel);
      const oy = (y - firstY) / stride;
      const ox = (x - firstX) / stride;
      gather(
        dy + <usize>((image * oh + oy) * ow + ox) * pixel,
        <usize>ow * pixel,
        filter + <usize>(firstY * kernel + firstX) * pixel,
        <usize>(stride * kernel) * pixel,
        <usize>stride * pixel,
        tapsY,
        tapsX,
        pixel,
        out + <usize>(row * w + column) * pixel,
      );
    }
  }
}

/** The first tap of a filter through which padded input position `at` reaches an output below `outputs`. */
function firstTap(at: i32, stride: i32, outputs: i32): i32 {
  return max(at % stride, at - (outputs - 1) * stride);
}

/** Taps from the first one on, `stride` apart, that reach an output of index 0 or more. */
function tapCount(first: i32, at: i32, stride: i32, kernel: i32): i32 {
  const last = min(kernel - 1, at);
  return last < first ? 0 : (last - first) / stride + 1;
}

/** out = sum over taps of dy * filter, for one pixel; a tap further in the filter is an output further back. */
function gather(
  dy: usize,
  dyRow: usize,
  filter: usize,
  filterRow: usize,
  filterStep: usize,
  tapsY: i32,
  tapsX: i32,
  pixel: usize,
  out: usize,
): void {
  let c: usize = 0;
  for (; c + 16 <= pixel; c += 16) {
    let sum = f32x4.splat(0);
    for (let ky = 0; ky < tapsY; ky++) {
      let a = dy - <usize>ky * dyRow + c;
      let b = filter + <usize>ky * filterRow + c;
      for (let kx = 0; kx < tapsX; kx++) {
        sum = f32x4.add(sum, f32x4.mul(v128.load(a), v128.load(b)));
        a -= pixel;
        b += filterStep;
      }
    }
    v128.store(out + c, sum);
  }
  for (; c < pixel; c += 4) {
    let sum: f32 = 0;
    for (let ky = 0; ky < tapsY; ky++) {
      for (let kx = 0; kx < tapsX; kx++) {
        const a = dy - <usize>ky * dyRow - <usize>kx * pixel + c;
        sum += load<f32>(a) * load<f32>(filter + <usize>ky * filterRow + <usize>kx * filterStep + c);
      }
    }
    store<f32>(out + c, sum);
  }
}

/** First and last output column whose tap kx lies inside the input. */
function firstColumn(kx: i32, stride: i32, pad: i32): i32 {
  return pad <= kx ? 0 : (pad - kx + stride - 1) / stride;
}

function lastColumn(kx: i32, stride: i32, pad: i32, w: i32, ow: i32): i32 {
  // far left of the input with a wide pad nothing is inside: -1 makes the range empty
  const reach = w - 1 + pad - kx;
  return reach < 0 ? -1 : min(reach / stride, ow - 1);
}
