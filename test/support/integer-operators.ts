import {
  integerVectors,
  placeOfInteger,
  placeOfPair,
  requantized,
} from '../../backends/tensor-kernels/integers.ts';
import type { Window as ConvolutionWindow } from '../../src/graph/kinds/convolution.ts';
import { dense } from '../../src/graph/kinds/dense.ts';
import {
  lookup,
  lookupPair,
  quantizeImages,
  requantize,
  rescale,
  spatialSum,
} from '../../src/graph/kinds/integers.ts';
import { scaleChannels } from '../../src/graph/kinds/scale-channels.ts';
import { channelsOf, isKind, type Node, paddedTo4, sampleRowsOf } from '../../src/graph/node.ts';
import type { IntegerLayer } from '../../src/quantization/integer-layer.ts';
import type { IntegerProgram, IntegerTensors } from './integer-programs.ts';
import { type Integers, QdqOperators } from './qdq-operators.ts';

/**
 * The operators of a model on integers, each with the integers that it had in a run. What a run has not stored is computed from
 * what it has, by the references of the lazy values.
 */
export function operatorsOf(program: IntegerProgram, tensors: IntegerTensors): QdqOperators {
  const collector = new OperatorCollector(program, tensors);
  for (const node of program.graph.graph.nodes) collector.visit(node);
  return collector.operators;
}

class OperatorCollector {
  readonly operators = new QdqOperators();
  readonly #program: IntegerProgram;
  readonly #tensors: IntegerTensors;
  readonly #constants: ReadonlyMap<string, Float32Array>;
  readonly #values = new Map<Node, Float32Array>();

  constructor(program: IntegerProgram, tensors: IntegerTensors) {
    this.#program = program;
    this.#tensors = tensors;
    this.#constants = program.constants();
  }

  visit(node: Node): void {
    const values = this.#valuesOf(node);
    if (values === undefined) return;
    this.#values.set(node, values);
    if (isKind(node, quantizeImages)) this.operators.images(this.#program.images, this.#integers(node));
    if (isKind(node, rescale)) this.#addClassifier(node);
    if (isKind(node, requantize)) this.#addRequantized(node);
    if (isKind(node, lookup)) this.#addLookup(node);
    if (isKind(node, lookupPair)) {
      const [x, branch] = node.inputs as [Node, Node];
      this.operators.sum(node.name, this.#integers(x), this.#integers(branch), this.#integers(node));
    }
  }

  #addRequantized(node: Node): void {
    const [sums] = node.inputs as [Node];
    const [x, other] = sums.inputs as [Node, Node];
    if (isKind(sums, spatialSum)) this.operators.mean(node.name, this.#integers(x), this.#integers(node));
    else if (isKind(sums, scaleChannels))
      this.operators.product(node.name, this.#integers(x), this.#integers(other), this.#integers(node));
    else this.#addConvolution(node, sums);
  }

  #addConvolution(node: Node, sums: Node): void {
    const [x] = sums.inputs as [Node];
    const layer = this.#layer(sums);
    const [outputs = 0, inputs = 0] = layer.shape;
    const group = isKind(sums, dense) ? 1 : channelsOf(x.shape) / inputs;
    const { stride = 1 } = sums.attributes as Partial<ConvolutionWindow>;
    const input = this.#integers(x, inputs * group);
    this.operators.convolution(layer, { stride, group }, input, this.#integers(node, outputs));
  }

  #addLookup(node: Node): void {
    const [x] = node.inputs as [Node];
    const [input, output] = [this.#integers(x), this.#integers(node)];
    if (node.name.endsWith('.factors')) this.operators.sigmoid(node.name, input, output);
    else this.operators.silu(node.name, input, output, this.#program.sigmoidScale);
  }

  #addClassifier(logits: Node): void {
    const [sums] = logits.inputs as [Node];
    const [width, classes] = [paddedTo4(channelsOf(logits.shape)), channelsOf(logits.shape)];
    const expected = this.#of(logits).filter((_, i) => i % width < classes);
    this.operators.linear(this.#layer(sums), this.#integers(sums.inputs[0] as Node), expected);
  }

  #layer({ name }: Node): IntegerLayer {
    return this.#program.integers.layers.get(name) as IntegerLayer;
  }

  /** @param channels without those that pad them */
  #integers(node: Node, channels = channelsOf(node.shape)): Integers {
    const width = channelsOf(node.shape);
    const values = this.#of(node).filter((_, i) => i % width < channels);
    const [n = 0, h = 1, w = 1] = node.shape.slice(0, -1);
    const point = isKind(node, lookupPair) ? `${node.name}.sum` : node.name;
    return { values, shape: [n, h, w, channels], scale: this.#program.integers.scales.get(point) as number };
  }

  #of(node: Node): Float32Array {
    return this.#values.get(node) as Float32Array;
  }

  #constant({ name }: Node): Float32Array {
    return this.#constants.get(name) as Float32Array;
  }

  #valuesOf(node: Node): Float32Array | undefined {
    const [a, b] = node.inputs as [Node, Node];
    if (isKind(node, spatialSum))
      return this.#tensors.get(`sums of ${node.name}`) ?? this.#tensors.get(`sums of ${a.name}`);
    if (isKind(node, requantize)) return this.#requantized(node);
    if (isKind(node, scaleChannels)) return this.#products(a, b);
    if (isKind(node, lookup)) {
      const table = this.#constant(b);
      return this.#of(a).map((x) => table[placeOfInteger(x)] as number);
    }
    if (isKind(node, lookupPair)) {
      const [table, others] = [this.#constant(node.inputs[2] as Node), this.#of(b)];
      return this.#of(a).map((x, i) => table[placeOfPair(x, others[i] as number)] as number);
    }
    const stored = this.#tensors.get(node.name);
    return isKind(node, quantizeImages) ? stored?.subarray(0, sizeOfNode(node)) : stored;
  }

  #requantized(node: Node): Float32Array {
    const [sums, constant] = node.inputs as [Node, Node];
    const [vectors, channels] = [this.#constant(constant), channelsOf(node.shape)];
    const vector = (which: number, i: number) => vectors[which * channels + (i % channels)] as number;
    const { bias, multiplier, shift } = integerVectors;
    return this.#of(sums).map((sum, i) =>
      requantized(sum, vector(bias, i), vector(multiplier, i), vector(shift, i)),
    );
  }

  #products(x: Node, factors: Node): Float32Array {
    const [channels, sampleRows, by] = [channelsOf(x.shape), sampleRowsOf(x.shape), this.#of(factors)];
    return this.#of(x).map((value, i) => {
      const sample = Math.floor(i / channels / sampleRows);
      return value * (by[sample * channels + (i % channels)] as number);
    });
  }
}

const sizeOfNode = ({ shape }: Node): number => shape.reduce((product, size) => product * size, 1);
