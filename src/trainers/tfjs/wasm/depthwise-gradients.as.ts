import { addPair } from './accumulate.as';
import { firstColumn, lastColumn } from './columns.as';

// All tensors f32: x [n, h, w, c], dy [n, oh, ow, c'], filters as tfjs has them. `pad` rows and columns of zeros lie above
// and left of the input, and zeros wherever else a tap reaches beyond it.

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
