import type { IntegerLayer } from '../quantization/integer-layer.ts';
import type { IntegerModel } from '../quantization/integer-model.ts';
import { SIGMOID_SCALE, ZERO_POINT } from '../quantization/integer-tables.ts';
import type { Placement } from '../quantization/placement.ts';
import type { FoldedLayer, Numbers } from './numbers.ts';
import type { OnnxGraph } from './onnx-graph.ts';

/** For whom a file of integers is made: the placement says where they stand, this how they are written. */
interface Profile {
  /** Integers of values. onnxruntime's int8 kernels want them unsigned: 128 stands for 0. */
  zeroPoint(onnx: OnnxGraph): string;
  /** Whether biases are integers as well. */
  readonly hasIntegerBias: boolean;
}

const profiles: Readonly<Record<Placement, Profile>> = {
  onnxruntime: {
    zeroPoint: (onnx) => onnx.constant('zero.uint8', [], Uint8Array.of(ZERO_POINT)),
    hasIntegerBias: true,
  },
  tensorrt: { zeroPoint: (onnx) => onnx.constant('zero.int8', [], Int8Array.of(0)), hasIntegerBias: false },
};

/** Numbers of int8, in pairs of QuantizeLinear and DequantizeLinear, which runtimes turn into their int8 kernels. */
export class Int8 implements Numbers {
  readonly #model: IntegerModel;
  readonly #profile: Profile;
  readonly #hasIntegerSigmoid: boolean;

  constructor(model: IntegerModel, placement: Placement, hasIntegerSigmoid: boolean) {
    this.#model = model;
    this.#profile = profiles[placement];
    this.#hasIntegerSigmoid = hasIntegerSigmoid;
  }

  operands(onnx: OnnxGraph, layer: FoldedLayer): [weight: string, bias: string] {
    const { name, shape, bias } = layer;
    const integers = this.#model.layers.get(name) as IntegerLayer;
    const { weights, weightScales, biasScales } = integers;
    const weight = onnx.constant(`${name}.weight.integers`, shape, weights);
    return [
      perOutput(onnx, weight, `${name}.weight`, weightScales, Int8Array),
      this.#profile.hasIntegerBias
        ? perOutput(
            onnx,
            onnx.constant(`${name}.bias.integers`, [bias.length], integers.bias),
            `${name}.bias`,
            biasScales,
            Int32Array,
          )
        : onnx.constant(`${name}.bias`, [bias.length], bias),
    ];
  }

  rounded(onnx: OnnxGraph, value: string, point: string): string {
    return this.#pair(onnx, value, point, this.#model.scales.get(point) as number);
  }

  sigmoid(onnx: OnnxGraph, value: string): string {
    return this.#hasIntegerSigmoid ? this.#pair(onnx, value, value, SIGMOID_SCALE) : value;
  }

  #pair(onnx: OnnxGraph, value: string, name: string, scale: number): string {
    const by = [onnx.constant(`${name}.scale`, [], Float32Array.of(scale)), this.#profile.zeroPoint(onnx)];
    const integers = onnx.node('QuantizeLinear', [value, ...by], `${name}.integers`);
    return onnx.node('DequantizeLinear', [integers, ...by], `${name}.rounded`);
  }
}

/** Integers times the scale of their output. */
function perOutput(
  onnx: OnnxGraph,
  integers: string,
  name: string,
  scales: Float32Array,
  Zeros: typeof Int8Array | typeof Int32Array,
): string {
  const { length } = scales;
  const scale = onnx.constant(`${name}.scales`, [length], scales);
  const zeros = onnx.constant(`${name}.zeros`, [length], new Zeros(length));
  return onnx.node('DequantizeLinear', [integers, scale, zeros], name, { axis: 0 });
}
