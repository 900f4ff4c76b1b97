import { firstColumn, lastColumn } from './columns.as';

// All tensors f32: x [n, h, w, c], dy [n, oh, ow, c'], filters as tfjs has them. `pad` rows and columns of zeros lie above
// and left of the input, and zeros wherever else a tap reaches beyond it.

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
