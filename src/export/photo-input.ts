import type { EvaluationImages } from './evaluation-images.ts';
import { castTo, type OnnxGraph } from './onnx-graph.ts';

/** From a photo, uint8 [height, width, 3], the centre of its resized pixels: uint8 [1, 3, size, size]. */
export function resizedCrop(photo: string, onnx: OnnxGraph, images: EvaluationImages): string {
  const sides = onnx.node('Shape', [photo], 'photo.sides', { start: 0, end: 2 });
  const resized = resizedSides(sides, onnx, images.shortSide);
  const planes = onnx.node('Transpose', [photo], 'photo.planes', { perm: [2, 0, 1] });
  let pixels = onnx.node('Unsqueeze', [planes, integers(onnx, 'photo.first-axis', 0)], 'photo.batch');
  for (const [name, target] of Object.entries({ first: firstPass(sides, resized, onnx), second: resized })) {
    const sizes = [integers(onnx, 'photo.batch-and-planes', 1, 3), target];
    const all = onnx.node('Concat', sizes, `photo.${name}-sizes`, { axis: 0 });
    pixels = onnx.node('Resize', [pixels, '', '', all], `photo.${name}-pass`, resizing(images));
  }
  return centreOf(pixels, resized, onnx, images.size);
}

/**
 * Height and width after the resize, by torchvision's integer rule: the shorter side is `shortSide`, the longer one is
 * rounded down. Both are shortSide side / shorter, since that of the shorter side is exact.
 */
function resizedSides(sides: string, onnx: OnnxGraph, shortSide: number): string {
  const shorter = onnx.node('ReduceMin', [sides], 'photo.shorter', { keepdims: 1 });
  const scaled = onnx.node('Mul', [sides, integers(onnx, 'photo.short-side', shortSide)], 'photo.scaled');
  return onnx.node('Div', [scaled, shorter], 'photo.resized-sides');
}

/**
 * Height and width after the first of two passes, each of which resizes one side. As in Pillow 13 the height is first where
 * it loses more than twice as many pixels as the width: pixels are rounded, and a bicubic's are clipped, between the passes.
 */
function firstPass(sides: string, resized: string, onnx: OnnxGraph): string {
  const difference = onnx.node('Sub', [sides, resized], 'photo.difference');
  const lost = onnx.node('Max', [difference, integers(onnx, 'photo.none', 0, 0)], 'photo.lost');
  const weighed = onnx.node('Mul', [lost, integers(onnx, 'photo.loss-factors', 1, -2)], 'photo.weighed');
  const excess = onnx.node('ReduceSum', [weighed], 'photo.excess', { keepdims: 1 });
  // [excess > 0, -excess > -1]: one of the two holds
  const either = onnx.node('Mul', [excess, integers(onnx, 'photo.signs', 1, -1)], 'photo.either');
  const isFirst = onnx.node('Greater', [either, integers(onnx, 'photo.limits', 0, -1)], 'photo.is-first');
  return onnx.node('Where', [isFirst, resized, sides], 'photo.first-sides');
}

/**
 * Pillow's filters on uint8, with its integer arithmetic in onnxruntime: weights of pixels outside are left out, and a
 * bicubic's factor is -0.5.
 */
const resizing = ({ interpolation }: EvaluationImages) =>
  ({
    mode: interpolation === 'bicubic' ? 'cubic' : 'linear',
    antialias: 1,
    exclude_outside: 1,
    coordinate_transformation_mode: 'half_pixel',
    ...(interpolation === 'bicubic' && { cubic_coeff_a: { float: -0.5 } }),
  }) as const;

/** The crop's first pixel is (side - size) / 2, a half rounded to even, as torchvision and `Round` have it. */
function centreOf(resized: string, sides: string, onnx: OnnxGraph, size: number): string {
  const margins = onnx.node('Sub', [sides, integers(onnx, 'photo.size', size)], 'photo.margins');
  const numbers = onnx.node('Cast', [margins], 'photo.margin-numbers', castTo('float32'));
  const half = onnx.constant('photo.half', [], Float32Array.of(0.5));
  const halves = onnx.node('Mul', [numbers, half], 'photo.half-margins');
  const rounded = onnx.node('Round', [halves], 'photo.rounded-margins');
  const starts = onnx.node('Cast', [rounded], 'photo.starts', castTo('int64'));
  const ends = onnx.node('Add', [starts, 'photo.size'], 'photo.ends');
  return onnx.node('Slice', [resized, starts, ends, integers(onnx, 'photo.axes', 2, 3)], 'photo.crop');
}

const integers = (onnx: OnnxGraph, name: string, ...values: readonly number[]): string =>
  onnx.constant(name, [values.length], BigInt64Array.from(values, BigInt));
