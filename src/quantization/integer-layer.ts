import { integerOf, rangeOf } from '../../backends/tensor-kernels/range.ts';
import { roundHalfToEven } from '../core/rounding.ts';
import type { NamedTensor } from '../core/trainer.ts';

/** A convolution or linear layer on int8 values, with the batch norm behind it folded in. */
export interface IntegerLayer {
  readonly name: string;
  /** The weight's own: [outputs, inputs, height, width] or [outputs, inputs]. */
  readonly shape: readonly number[];
  /** In the weight's order, -127..127. */
  readonly weights: Int8Array;
  /** Of each output: its weights are integers times this. */
  readonly weightScales: Float32Array;
  readonly bias: Int32Array;
  /** Of each output: the input's scale times the weight's. */
  readonly biasScales: Float32Array;
  /** Points that it reads and writes, and their scales. The classifier writes none: its output is float32. */
  readonly input: string;
  readonly inputScale: number;
  readonly output: string | undefined;
  readonly outputScale: number | undefined;
  /** Of each output: what the sum of products and bias is multiplied by; half to even gives the output's integer. */
  readonly multipliers: Float32Array;
  /** No sum of some products, or of all and the bias, is larger, whatever the input. */
  readonly bound: number;
}

/** A layer before it is rounded. `factors` and `bias` are what batch norm comes to, in float64. */
export interface FoldedLayer {
  readonly name: string;
  readonly weight: NamedTensor;
  /** Of each output of the weight: its largest absolute value. */
  readonly ranges: Float32Array;
  readonly factors: Float64Array | undefined;
  readonly bias: Float64Array;
  readonly input: string;
  readonly inputScale: number;
  /** No integer of the input is less: SiLU's are never far below 0. */
  readonly leastInput: number;
  readonly output: string | undefined;
  readonly outputScale: number | undefined;
}

/** Integers of int8 are -127..127 where they are ours to choose. */
export const LEVELS = 127;
/** A bias takes half of the integers that float32 has, at most. */
const LARGEST_BIAS = 2 ** 23;
/** Smaller scales would leave the numbers that every device has. */
const LEAST_SCALE = 2 ** -64;

export const scaleOf = (range: number): number => Math.fround(range / LEVELS);

export function integerLayer(layer: FoldedLayer): IntegerLayer {
  const { name, weight, ranges, bias, input, inputScale, leastInput, output, outputScale } = layer;
  const outputs = ranges.length;
  const weights = new Int8Array(weight.data.length);
  const weightScales = new Float32Array(outputs);
  for (let i = 0; i < outputs; i++) weightScales[i] = roundOutput(layer, i, weights);
  const biasScales = weightScales.map((scale) => scale * inputScale);
  const integerBias = Int32Array.from(bias, (value, i) => roundHalfToEven(value / at(biasScales, i)));
  const bound = boundOf(weights, integerBias, leastInput);
  return {
    ...{ name, shape: weight.shape, weights, weightScales, bias: integerBias, biasScales },
    ...{ input, inputScale, output, outputScale, bound },
    // onnxruntime's order: the product is rounded before it is divided
    multipliers: outputScale === undefined ? biasScales : biasScales.map((scale) => scale / outputScale),
  };
}

/**
 * Rounds an output's weights as training does, and says their scale. A batch norm's factor goes into the scale: rounding knows no
 * scale, so the integers stay; a negative factor turns their signs.
 */
function roundOutput({ weight, ranges, factors, ...layer }: FoldedLayer, i: number, into: Int8Array): number {
  const scale = scaleOf(at(ranges, i));
  const factor = factors?.[i] ?? 1;
  const folded = Math.fround(scale * Math.abs(factor));
  const fitting = fittingScale(folded, at(layer.bias, i), layer.inputScale);
  const range = rangeOf(LEVELS * (folded === fitting ? scale : fitting / Math.abs(factor)), LEVELS);
  const length = weight.data.length / ranges.length;
  const sign = factor < 0 ? -1 : 1;
  for (let j = i * length; j < (i + 1) * length; j++) into[j] = sign * integerOf(at(weight.data, j), range);
  return fitting;
}

/**
 * The scale itself, or the least that holds the bias. A bias that does not fit is far larger than what the weights add to it
 * (a channel that training has switched off): coarser weights change nothing that int8 could show.
 */
function fittingScale(scale: number, bias: number, inputScale: number): number {
  const least = Math.max(LEAST_SCALE, Math.abs(bias) / LARGEST_BIAS / inputScale);
  return scale >= least ? scale : Math.fround(least);
}

/** Of all sums of products in any order: those above 0 alone, or those below. */
function boundOf(weights: Int8Array, bias: Int32Array, leastInput: number): number {
  const length = weights.length / bias.length;
  return bias.reduce((largest, value, i) => {
    let [above, below] = [0, 0];
    for (const weight of weights.subarray(i * length, (i + 1) * length)) {
      above += Math.max(weight * LEVELS, weight * leastInput);
      below -= Math.min(weight * LEVELS, weight * leastInput);
    }
    return Math.max(largest, Math.max(above, below) + Math.abs(value));
  }, 0);
}

const at = (values: Float32Array | Float64Array, i: number): number => values[i] as number;
