import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { ParameterError } from '../../core/errors.ts';
import type { QuantizedPlaces } from '../../core/trainer.ts';
import { LEVELS } from '../../quantization/integer-layer.ts';
import type { PlacedParameter } from './placed-parameter.ts';

/** Where a device has the ranges of quantised points and weights. */
export interface RangePlan {
  readonly levels: number;
  /** Each point's range (backends/tensor-kernels/range.ts), within one tensor. */
  readonly points: ReadonlyMap<string, View>;
  readonly ofPoints: Tensor;
  /** The quantised weights. */
  readonly weights: ReadonlyMap<string, PlacedParameter>;
  /** For each trainable value its scale and the scale's reciprocal; 0 where it is not rounded. */
  readonly scales: Tensor;
  readonly reciprocals: Tensor;
}

const NUMBERS = 4;
/** A binding begins at a multiple of 256 bytes. */
const STRIDE = 64;

/** @param size of all trainable parameters together */
export function planRanges(
  { points, weights, levels = LEVELS }: QuantizedPlaces,
  trainable: ReadonlyMap<string, PlacedParameter>,
  size: number,
): RangePlan {
  const tensor = (name: string, values: number): Tensor => ({
    ...{ name, purpose: 'ranges', element: 'f32', size: values },
  });
  const ofPoints = tensor('ranges of points', STRIDE * Math.max(1, points.length));
  return {
    levels,
    points: new Map(points.map((point, i) => [point, viewOf(ofPoints, i * STRIDE, NUMBERS)])),
    ofPoints,
    weights: new Map(weights.map((name) => [name, quantizable(name, trainable.get(name))])),
    scales: tensor('scales of weights', size),
    reciprocals: tensor('reciprocals of scales', size),
  };
}

/** Only weights of layers are read as copies, rounded. */
function quantizable(name: string, parameter: PlacedParameter | undefined): PlacedParameter {
  if (parameter?.layout === 'factors' || parameter?.layout === 'outputsLast') return parameter;
  throw new ParameterError('UNKNOWN_WEIGHT', `no layer's weight is called ${name}`);
}
