import * as ort from 'onnxruntime-web';
import { OnnxGraph } from '../../src/export/onnx-graph.ts';
import type { IntegerLayer } from '../../src/quantization/integer-layer.ts';

// the same bits on every machine
ort.env.wasm.numThreads = 1;

/** Integers of int8 [n, h, w, c], and their scale. */
export interface Integers {
  readonly values: Float32Array;
  readonly shape: readonly [n: number, h: number, w: number, c: number];
  readonly scale: number;
}

export interface Window {
  readonly stride: number;
  readonly group: number;
}

/** An input or an output of the file [n, c, h, w]: uint8 whose zero point is 128, or float32. */
export interface QdqValue {
  readonly name: string;
  readonly kind: string;
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float32Array;
}

/**
 * A QDQ file of operators, each by itself: its inputs are inputs of the file, its output is one of the file's. So each can be fed
 * with the integers that a model of ours has there, and no difference of one operator reaches another.
 */
export class QdqOperators {
  readonly #onnx = new OnnxGraph();
  readonly inputs: QdqValue[] = [];
  readonly expected: QdqValue[] = [];

  convolution(layer: IntegerLayer, { stride, group }: Window, x: Integers, expected: Integers): void {
    const { name } = layer;
    const [outputs = 0, inputs = 0, kernel = 1] = layer.shape;
    const operands = this.#operands(layer, [outputs, inputs, kernel, kernel]);
    const margin = (kernel - 1) / 2;
    const attributes = {
      ...{ kernel_shape: [kernel, kernel], strides: [stride, stride], group },
      pads: [margin, margin, margin, margin],
    };
    const value = this.#input(name, 'convolution', x);
    const y = this.#onnx.node('Conv', [value, ...operands], `${name}.y`, attributes);
    this.#output(name, 'convolution', y, expected);
  }

  sum(name: string, x: Integers, branch: Integers, expected: Integers): void {
    const operands = [this.#input(name, 'sum', x), this.#input(`${name}.branch`, 'sum', branch)];
    this.#output(name, 'sum', this.#onnx.node('Add', operands, `${name}.y`), expected);
  }

  product(name: string, x: Integers, factors: Integers, expected: Integers): void {
    const operands = [this.#input(name, 'product', x), this.#input(`${name}.factors`, 'product', factors)];
    this.#output(name, 'product', this.#onnx.node('Mul', operands, `${name}.y`), expected);
  }

  mean(name: string, x: Integers, expected: Integers): void {
    const y = this.#onnx.node('GlobalAveragePool', [this.#input(name, 'mean', x)], `${name}.y`);
    this.#output(name, 'mean', y, expected);
  }

  sigmoid(name: string, x: Integers, expected: Integers): void {
    this.#output(name, 'sigmoid', this.#sigmoidOf(name, this.#input(name, 'sigmoid', x)), expected);
  }

  silu(name: string, x: Integers, expected: Integers, sigmoidScale?: number): void {
    const value = this.#input(name, 'silu', x);
    const sigmoid = this.#sigmoidOf(name, value);
    const factor = sigmoidScale === undefined ? sigmoid : this.#rounded(sigmoid, sigmoidScale);
    this.#output(name, 'silu', this.#onnx.node('Mul', [value, factor], `${name}.y`), expected);
  }

  /** The classifier, whose output is float32. */
  linear(layer: IntegerLayer, x: Integers, expected: Float32Array): void {
    const { name, shape, bias } = layer;
    // no Flatten: onnxruntime finds no int8 kernel behind it
    const matrix = this.#onnx.constant('matrix', [2], BigInt64Array.of(0n, -1n));
    const features = this.#onnx.node('Reshape', [this.#input(name, 'linear', x), matrix], `${name}.features`);
    const operands = [features, ...this.#operands(layer, shape)];
    const y = this.#onnx.node('Gemm', operands, `${name}.y`, { transB: 1 });
    const outputShape = [x.shape[0], bias.length];
    this.expected.push({ name: y, kind: 'linear', shape: outputShape, values: expected });
    this.#onnx.output(y, 'float32', outputShape);
  }

  /** Images [n, h, w, 3] in float32. */
  images(images: Float32Array, expected: Integers): void {
    const [n, h, w, c] = expected.shape;
    const planes = new Float32Array(images.length);
    forEachPlace(expected.shape, (from, to) => {
      planes[to] = images[from] as number;
    });
    this.inputs.push({ name: 'images', kind: 'images', shape: [n, c, h, w], values: planes });
    this.#onnx.input('images', 'float32', [n, c, h, w]);
    this.#output('images', 'images', 'images', expected);
  }

  encode(): Uint8Array {
    const producer = { name: 'test', version: '1' };
    return this.#onnx.encode({ name: 'operators', opset: 17, producer, metadata: {} });
  }

  /** Runs the file in onnxruntime-web. */
  async run(): Promise<readonly QdqValue['values'][]> {
    const options = { executionProviders: ['wasm'], logSeverityLevel: 3 } as const;
    const session = await ort.InferenceSession.create(this.encode(), options);
    try {
      const feeds = this.inputs.map(({ name, values, shape }) => [name, ortTensor(values, shape)]);
      const outputs = await session.run(Object.fromEntries(feeds));
      return this.expected.map(
        ({ name }) => (outputs[name] as ort.Tensor).data.slice() as QdqValue['values'],
      );
    } finally {
      await session.release();
    }
  }

  #sigmoidOf = (name: string, x: string): string => this.#onnx.node('Sigmoid', [x], `${name}.sigmoid`);

  #input(name: string, kind: string, x: Integers): string {
    const value = qdqValue(`${name}.in`, kind, x);
    this.inputs.push(value);
    this.#onnx.input(value.name, 'uint8', value.shape);
    return this.#onnx.node('DequantizeLinear', [value.name, ...this.#scale(x.scale)], `${name}.x`);
  }

  #output(name: string, kind: string, y: string, expected: Integers): void {
    const value = qdqValue(`${name}.out`, kind, expected);
    this.expected.push(value);
    this.#onnx.node('QuantizeLinear', [y, ...this.#scale(expected.scale)], value.name);
    this.#onnx.output(value.name, 'uint8', value.shape);
  }

  #rounded(x: string, scale: number): string {
    const parameters = this.#scale(scale);
    const integers = this.#onnx.node('QuantizeLinear', [x, ...parameters], `${x}.q`);
    return this.#onnx.node('DequantizeLinear', [integers, ...parameters], `${x}.dq`);
  }

  #scale(scale: number): [string, string] {
    return [
      this.#onnx.constant(`scale.${scale}`, [], Float32Array.of(scale)),
      this.#onnx.constant('zero', [], Uint8Array.of(128)),
    ];
  }

  #operands(layer: IntegerLayer, shape: readonly number[]): [weight: string, bias: string] {
    const { name, weights, weightScales, bias, biasScales } = layer;
    const outputs = bias.length;
    return [
      this.#constant(`${name}.weight`, shape, weights, weightScales, new Int8Array(outputs)),
      this.#constant(`${name}.bias`, [outputs], bias, biasScales, new Int32Array(outputs)),
    ];
  }

  #constant(
    name: string,
    shape: readonly number[],
    values: Int8Array | Int32Array,
    scales: Float32Array,
    zeros: Int8Array | Int32Array,
  ): string {
    const integers = this.#onnx.constant(name, shape, values);
    const scale = this.#onnx.constant(`${name}.scale`, [scales.length], scales);
    const zero = this.#onnx.constant(`${name}.zero`, [zeros.length], zeros);
    return this.#onnx.node('DequantizeLinear', [integers, scale, zero], `${name}.dq`, { axis: 0 });
  }
}

function qdqValue(name: string, kind: string, { values, shape }: Integers): QdqValue {
  const planes = new Uint8Array(values.length);
  forEachPlace(shape, (from, to) => {
    planes[to] = (values[from] as number) + 128;
  });
  const [n, h, w, c] = shape;
  return { name, kind, shape: [n, c, h, w], values: planes };
}

/** Visits each value: its index in [n, h, w, c], and in [n, c, h, w]. */
function forEachPlace([n, h, w, c]: Integers['shape'], visit: (from: number, to: number) => void): void {
  const pixels = h * w;
  for (let i = 0; i < n * pixels * c; i++) {
    const [pixel, channel] = [Math.floor(i / c), i % c];
    visit(i, (Math.floor(pixel / pixels) * c + channel) * pixels + (pixel % pixels));
  }
}

const ortTensor = (values: QdqValue['values'], shape: readonly number[]): ort.Tensor =>
  values instanceof Uint8Array
    ? new ort.Tensor('uint8', values, shape)
    : new ort.Tensor('float32', values, shape);

/** How many values differ, of how many, by kind of operator. */
export function differencesOf(
  expected: readonly QdqValue[],
  actual: readonly QdqValue['values'][],
): Record<string, readonly [differing: number, values: number]> {
  const counts: Record<string, [number, number]> = {};
  for (const [i, { kind, values }] of expected.entries()) {
    const count = counts[kind] ?? [0, 0];
    counts[kind] = count;
    const found = actual[i] as QdqValue['values'];
    for (const [j, value] of values.entries()) count[0] += Number(value !== found[j]);
    count[1] += values.length;
  }
  return counts;
}
