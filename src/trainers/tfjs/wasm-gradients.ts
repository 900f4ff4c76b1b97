import type {
  backend_util,
  NamedAttrMap,
  NamedTensorInfoMap,
  Tensor,
  Tensor3D,
  Tensor4D,
  TensorInfo,
} from '@tensorflow/tfjs';
import type { Tf } from './tf.ts';

type Shape = [number, number, number, number];

/** Attributes that tfjs's gradients of convolutions pass to these kernels. */
interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  /** Where the gradient is the filter's. */
  readonly filterShape: Shape;
  /** Where it is the input's. */
  readonly inputShape: Shape;
}
type Inputs = Readonly<Record<'x' | 'dy' | 'filter', Tensor4D>>;
type Gradient = (tf: Tf, inputs: Inputs, attributes: ConvolutionAttributes) => Tensor4D;

/**
 * Registers the gradients that tfjs's wasm backend lacks, as convolutions of its own. tfjs itself refuses to differentiate
 * dilated convolutions.
 */
export function registerWasmGradients(tf: Tf): void {
  const gradients: Record<string, Gradient> = {
    Conv2DBackpropFilter: filterGradient,
    DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
    DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  };
  for (const [kernelName, gradient] of Object.entries(gradients))
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }: { inputs: NamedTensorInfoMap; attrs?: NamedAttrMap }): TensorInfo =>
        // tfjs hands its kernels the tensors themselves
        tf.tidy(() => gradient(tf, inputs as unknown as Inputs, attrs as unknown as ConvolutionAttributes)),
    });
}

/** x by dy as the filter, its pixels as far apart as the strides; images and channels have changed places. */
function filterGradient(tf: Tf, { x, dy }: Inputs, attributes: ConvolutionAttributes): Tensor4D {
  const { filterShape } = attributes;
  const info = geometry(tf, x.shape, filterShape, attributes, false);
  const images = padded(x, info).transpose<Tensor4D>([3, 1, 2, 0]);
  const filter = dy.transpose<Tensor4D>([1, 2, 0, 3]);
  const gradients = tf.conv2d(images, filter, 1, 'valid', 'NHWC', stridesOf(info));
  const [height, width, channels, outChannels] = filterShape;
  // pixels behind the last stride have no part in it
  return gradients.slice([0, 0, 0, 0], [channels, height, width, outChannels]).transpose([1, 2, 0, 3]);
}

/** The same with all images side by side, as channels of one: then the sum over images. */
function depthwiseFilterGradient(tf: Tf, { x, dy }: Inputs, attributes: ConvolutionAttributes): Tensor4D {
  const { filterShape } = attributes;
  const info = geometry(tf, x.shape, filterShape, attributes, true);
  const [n, h, w, c] = dy.shape;
  const filter = sideBySide(dy).reshape<Tensor4D>([h, w, n * c, 1]);
  const image = sideBySide(padded(x, info));
  const gradients = tf.depthwiseConv2d(image, filter, 1, 'valid', 'NHWC', stridesOf(info));
  const [height, width] = filterShape;
  const ofImages = gradients.slice([0, 0, 0, 0], [1, height, width, n * c]);
  return ofImages.reshape([height, width, n, c]).sum<Tensor3D>(2).reshape(filterShape);
}

/** [n, h, w, c] as one image [1, h, w, n * c]. */
function sideBySide(images: Tensor4D): Tensor4D {
  const [n, h, w, c] = images.shape;
  return images.transpose([1, 2, 0, 3]).reshape([1, h, w, n * c]);
}

/** dy, its pixels as far apart as the strides, by the filter turned round. */
function depthwiseInputGradient(tf: Tf, { dy, filter }: Inputs, attributes: ConvolutionAttributes): Tensor4D {
  const { inputShape } = attributes;
  const info = geometry(tf, inputShape, filter.shape, attributes, true);
  const { filterHeight, filterWidth, padInfo } = info;
  const spread = apart(dy, ...stridesOf(info));
  const [, h, w] = inputShape;
  const [, spreadHeight, spreadWidth] = spread.shape;
  const top = filterHeight - 1 - padInfo.top;
  const left = filterWidth - 1 - padInfo.left;
  const bottom = h + filterHeight - 1 - spreadHeight - top;
  const right = w + filterWidth - 1 - spreadWidth - left;
  const turned = tf.reverse<Tensor4D>(filter, [0, 1]);
  return tf.depthwiseConv2d(padded(spread, { padInfo: { top, bottom, left, right } }), turned, 1, 'valid');
}

/** Zeros between the pixels, so that each is so many rows and columns from the next. */
function apart(images: Tensor4D, rows: number, columns: number): Tensor4D {
  if (rows === 1 && columns === 1) return images;
  const [n, h, w, c] = images.shape;
  const ofColumns = spaced(images.reshape([n * h * w, 1, c]), columns);
  const ofRows = spaced(ofColumns.reshape([n * h, 1, w * columns * c]), rows);
  const spread = ofRows.reshape<Tensor4D>([n, h * rows, w * columns, c]);
  // none behind the last
  return spread.slice([0, 0, 0, 0], [n, (h - 1) * rows + 1, (w - 1) * columns + 1, c]);
}

const spaced = (lines: Tensor, step: number): Tensor =>
  lines.pad([
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);

interface Padded {
  readonly padInfo: Readonly<Record<'top' | 'bottom' | 'left' | 'right', number>>;
}

const padded = (images: Tensor4D, { padInfo: { top, bottom, left, right } }: Padded): Tensor4D =>
  images.pad([
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);

const stridesOf = ({ strideHeight, strideWidth }: backend_util.Conv2DInfo): [number, number] => [
  strideHeight,
  strideWidth,
];

const geometry = (
  tf: Tf,
  inputShape: Shape,
  filterShape: Shape,
  { strides, pad, dimRoundingMode }: ConvolutionAttributes,
  isDepthwise: boolean,
): backend_util.Conv2DInfo =>
  tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, isDepthwise);
