import type { backend_util, NamedAttrMap, NamedTensorInfoMap, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from './tf.ts';

/** Attributes that tfjs's gradient of a convolution passes to this kernel. */
interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/**
 * Registers what a backend on a GPU does badly: tfjs computes an element of a filter's gradient in one thread, of which
 * a 1x1 filter has few, and each goes over all pixels of all images.
 */
export function registerWebgpuKernels(tf: Tf, backendName: string): void {
  tf.unregisterKernel('Conv2DBackpropFilter', backendName);
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName,
    kernelFunc: ({ inputs, attrs }: { inputs: NamedTensorInfoMap; attrs?: NamedAttrMap }): TensorInfo => {
      // tfjs hands its kernels the tensors themselves
      const { x, dy } = inputs as unknown as Record<'x' | 'dy', Tensor4D>;
      return tf.tidy(() => filterGradient(tf, x, dy, attrs as unknown as ConvolutionAttributes));
    },
  });
}

/** Of each of the filter's places on its own: that of a 1x1 convolution of the pixels that the place meets. */
function filterGradient(tf: Tf, x: Tensor4D, dy: Tensor4D, attributes: ConvolutionAttributes): Tensor4D {
  const { filterShape, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { filterHeight, filterWidth, strideHeight, strideWidth, outHeight, outWidth, padInfo } = info;
  const { top, bottom, left, right } = padInfo;
  const isPadded = top + bottom + left + right > 0;
  const padded = isPadded
    ? x.pad([
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ])
    : x;
  const [n, , , channels] = x.shape;
  const places: Tensor4D[] = [];
  for (let row = 0; row < filterHeight; row++)
    for (let column = 0; column < filterWidth; column++) {
      const begin = [0, row, column, 0];
      const end = [
        n,
        row + (outHeight - 1) * strideHeight + 1,
        column + (outWidth - 1) * strideWidth + 1,
        channels,
      ];
      const met = tf.stridedSlice(padded, begin, end, [1, strideHeight, strideWidth, 1]) as Tensor4D;
      places.push(pointwiseGradient(tf, met, dy));
    }
  return tf.concat(places).reshape(filterShape);
}

/** Side of the tile of a matrix product that a workgroup computes. */
const TILE = 32;
/** Of so many tiles, and for sums of so many terms, tfjs adds up terms in an order that differs from run to run. */
const FEW_TILES = 16;
const MANY_TERMS = 2000;
/** As many workgroups as keep a large GPU busy. */
const WORKGROUPS = 1024;

/** The transposed x times dy, [1, 1, c, d], over all pixels of all images: in groups, then their sum, where it is long. */
function pointwiseGradient(tf: Tf, x: Tensor4D, dy: Tensor4D): Tensor4D {
  const [n, h, w, c] = x.shape;
  const d = dy.shape[3];
  const tiles = Math.ceil(c / TILE) * Math.ceil(d / TILE);
  const isLong = tiles <= FEW_TILES && n * h * w >= MANY_TERMS;
  const groups = isLong ? largestDivisor(n * h, WORKGROUPS / tiles) : 1;
  const pixels = (n * h * w) / groups;
  const products = tf.matMul(x.reshape([groups, pixels, c]), dy.reshape([groups, pixels, d]), true);
  return (isLong ? products.sum(0) : products).reshape([1, 1, c, d]);
}

/** The largest divisor of a number that is not above the limit. */
function largestDivisor(value: number, limit: number): number {
  let divisor = Math.floor(Math.min(value, limit));
  while (value % divisor !== 0) divisor--;
  return divisor;
}
