import type {
  backend_util,
  KernelBackend,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs';
import { TrainerError } from '../../core/errors.ts';
import type { Tf } from './tf.ts';
import type { WasmHeap } from './wasm-heap.ts';

/** Attributes that tfjs's gradients of convolutions pass to these kernels. */
interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dilations?: number | [number, number];
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
  readonly inputShape: [number, number, number, number];
}
type Shape = [number, number, number, number];

interface KernelParameters {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs?: NamedAttrMap;
  readonly backend: unknown;
}

/**
 * Registers what tfjs's wasm backend lacks, the filter gradients of convolutions and the input gradient of depthwise
 * ones, and what it does slowly, 1x1 convolutions and clones. NHWC, square filters, strides and padding;
 * tfjs itself refuses to differentiate dilated convolutions.
 */
export function registerWasmKernels(tf: Tf, heap: WasmHeap): void {
  // what a gradient needs is saved as a clone, which tfjs copies here, but shares on its cpu backend
  register(tf, 'Identity', ({ inputs: { x }, backend }) => {
    const { dataId, shape, dtype } = x as TensorInfo;
    (backend as KernelBackend).incRef(dataId);
    return { dataId, shape, dtype };
  });
  registerConvolution(tf, heap);
  registerDepthwiseGradients(tf, heap);
}

function registerConvolution(tf: Tf, heap: WasmHeap): void {
  const general = tf.getKernel('Conv2D', 'wasm').kernelFunc;
  const generalInputGradient = tf.getKernel('Conv2DBackpropInput', 'wasm').kernelFunc;

  register(tf, 'Conv2D', (parameters) => {
    const { x, filter } = tensorsOf(parameters, 'x', 'filter');
    const { strides, pad } = attributesOf(parameters);
    const isUnpadded = pad === 0 || pad === 'same' || pad === 'valid';
    if (!isPointwise(filter.shape as Shape, strides) || !isUnpadded)
      return general(parameters as never) as TensorInfo;
    const [n, h, w] = x.shape as Shape;
    return product(heap, 'pointwise', x, filter, [n, h, w, filter.shape[3] as number]);
  });
  register(tf, 'Conv2DBackpropFilter', (parameters) => {
    const { x, dy } = tensorsOf(parameters, 'x', 'dy');
    const attributes = attributesOf(parameters);
    return filterGradient(tf, heap, x, dy, attributes);
  });
  register(tf, 'Conv2DBackpropInput', (parameters) => {
    const { dy, filter } = tensorsOf(parameters, 'dy', 'filter');
    const { inputShape, strides } = attributesOf(parameters);
    if (!isPointwise(filter.shape as Shape, strides))
      return generalInputGradient(parameters as never) as TensorInfo;
    return product(heap, 'pointwiseInputGradient', dy, filter, inputShape);
  });
}

function registerDepthwiseGradients(tf: Tf, heap: WasmHeap): void {
  register(tf, 'DepthwiseConv2dNativeBackpropFilter', (parameters) => {
    const { x, dy } = tensorsOf(parameters, 'x', 'dy');
    const attributes = attributesOf(parameters);
    const { filterShape } = attributes;
    const numbers = geometry(tf, x.shape as Shape, filterShape, attributes, true);
    return only(heap.run('depthwiseFilterGradient', { inputs: [x, dy], numbers, outputs: [filterShape] }));
  });
  register(tf, 'DepthwiseConv2dNativeBackpropInput', (parameters) => {
    const { dy, filter } = tensorsOf(parameters, 'dy', 'filter');
    const attributes = attributesOf(parameters);
    const { inputShape } = attributes;
    const numbers = geometry(tf, inputShape, filter.shape as Shape, attributes, true);
    return only(heap.run('depthwiseInputGradient', { inputs: [dy, filter], numbers, outputs: [inputShape] }));
  });
}

/** Instead of tfjs's own, if it has one. */
function register(
  tf: Tf,
  kernelName: string,
  kernelFunc: (parameters: KernelParameters) => TensorInfo,
): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

function filterGradient(
  tf: Tf,
  heap: WasmHeap,
  x: TensorInfo,
  dy: TensorInfo,
  attributes: ConvolutionAttributes,
): TensorInfo {
  const { filterShape, strides } = attributes;
  const outputs = [filterShape];
  const [n, h, w, channels] = x.shape as Shape;
  const outChannels = filterShape[3];
  if (isPointwise(filterShape, strides)) {
    const numbers = [n * h * w, channels, outChannels];
    return only(heap.run('pointwiseFilterGradient', { inputs: [x, dy], numbers, outputs }));
  }
  const numbers = geometry(tf, x.shape as Shape, filterShape, attributes, false);
  return only(heap.run('convolutionFilterGradient', { inputs: [x, dy], numbers, outputs }));
}

/** A 1x1 convolution: all pixels times the filter, or times the transposed one. */
function product(
  heap: WasmHeap,
  kernel: 'pointwise' | 'pointwiseInputGradient',
  images: TensorInfo,
  filter: TensorInfo,
  shape: Shape,
): TensorInfo {
  const [n, h, w, columns] = shape;
  const [, , channels, outChannels] = filter.shape as Shape;
  const numbers = [n * h * w, channels, outChannels];
  // the kernel copies the filter into panels of eight columns
  const scratch = Math.ceil(columns / 8) * 8 * (images.shape[3] as number);
  return only(heap.run(kernel, { inputs: [images, filter], numbers, scratch, outputs: [shape] }));
}

/** n, h, w, channels, output h, w, (output channels,) kernel, stride, padding: the numbers of a kernel's call. */
function geometry(
  tf: Tf,
  inputShape: Shape,
  filterShape: Shape,
  { strides, dilations = 1, pad, dimRoundingMode }: ConvolutionAttributes,
  depthwise: boolean,
): number[] {
  const { computeConv2DInfo } = tf.backend_util;
  const info = computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
  const isSquare =
    info.filterHeight === info.filterWidth &&
    info.strideHeight === info.strideWidth &&
    info.padInfo.top === info.padInfo.left;
  if (!isSquare) {
    const reason = 'gradients of convolutions are for square filters, strides and padding';
    throw new TrainerError('UNSUPPORTED_CONVOLUTION', `tfjs: ${reason}`);
  }
  return [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth],
    ...(depthwise ? [] : [info.outChannels]),
    ...[info.filterHeight, info.strideHeight, info.padInfo.top],
  ];
}

const isPointwise = ([height, width]: Shape, strides: number | [number, number]): boolean =>
  height === 1 && width === 1 && [strides].flat().every((stride) => stride === 1);

const attributesOf = ({ attrs }: KernelParameters): ConvolutionAttributes =>
  attrs as unknown as ConvolutionAttributes;

const tensorsOf = <Name extends string>({ inputs }: KernelParameters, ...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, inputs[name]])) as Record<Name, TensorInfo>;

const only = ([info]: readonly TensorInfo[]): TensorInfo => info as TensorInfo;
