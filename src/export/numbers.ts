import type { OnnxGraph } from './onnx-graph.ts';

/** A convolution or linear layer with its batch norm in it. */
export interface FoldedLayer {
  readonly name: string;
  /** Of the weight, in ONNX's order, which is PyTorch's. */
  readonly shape: readonly number[];
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** In which numbers a file computes. */
export interface Numbers {
  /** The values of a layer's weight and bias. */
  operands(onnx: OnnxGraph, layer: FoldedLayer): readonly [weight: string, bias: string];
  /** A value rounded to the integers of a point. */
  rounded(onnx: OnnxGraph, value: string, point: string): string;
  /** SiLU's sigmoid, which is no point. */
  sigmoid(onnx: OnnxGraph, value: string): string;
}

export const float32: Numbers = {
  operands: (onnx, { name, shape, weight, bias }) => [
    onnx.constant(`${name}.weight`, shape, weight),
    onnx.constant(`${name}.bias`, [bias.length], bias),
  ],
  rounded: (_, value) => value,
  sigmoid: (_, value) => value,
};
