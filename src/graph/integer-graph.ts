import { thresholdsSize } from '../../backends/tensor-kernels/image-thresholds.ts';
import { integerVectorRows, LEAST, LOOKUP_SIZE, PAIR_SIZE } from '../../backends/tensor-kernels/integers.ts';
import { vectorRows } from '../../backends/tensor-kernels/lazy.ts';
import { ParameterError } from '../core/errors.ts';
import type { Block, ConvolutionUnit, Dense, EfficientNet } from '../models/efficientnet.ts';
import { points } from '../models/points.ts';
import { dense } from './kinds/dense.ts';
import { depthwise } from './kinds/depthwise.ts';
import { input } from './kinds/input.ts';
import { lookup, lookupPair, quantizeImages, requantize, rescale, spatialSum } from './kinds/integers.ts';
import { type ParameterLayout, parameter } from './kinds/parameter.ts';
import { pointwise } from './kinds/pointwise.ts';
import { scaleChannels } from './kinds/scale-channels.ts';
import { stem } from './kinds/stem.ts';
import { type GraphOptions, inputNames, type ModelGraph } from './model-graph.ts';
import { channelsOf, Graph, type Node, paddedTo4, type Shape, sampleRowsOf } from './node.ts';

/** Names of an integer graph's parameters. */
export const integerNames = {
  thresholds: 'images.thresholds',
  weights: (layer: string) => `${layer}.integers`,
  bias: (layer: string) => `${layer}.bias`,
  /** What makes integers of sums, by the point that they are for; the classifier's make logits. */
  vectors: (point: string) => `${point}.vectors`,
  table: (point: string) => `${point}.table`,
} as const;

/** A mean over pixels: of how many, from which point to which. Its vectors depend on the images' size: they are an input. */
export interface IntegerMean {
  readonly pixels: number;
  readonly channels: number;
  readonly from: string;
  readonly to: string;
}

export interface IntegerGraph extends ModelGraph {
  readonly means: readonly IntegerMean[];
}

/**
 * A model's forward pass on integers, as a QDQ file has it for onnxruntime. Its parameters are not the model's: integer-values.ts
 * makes them. Widths of squeeze and excitation are padded to groups of 4 with zeros.
 */
export function integerGraph(model: EfficientNet, options: GraphOptions): IntegerGraph {
  return new IntegerWalk(model, options).walk();
}

class IntegerWalk {
  readonly #graph = new Graph();
  readonly #model: EfficientNet;
  readonly #options: GraphOptions;
  readonly #means: IntegerMean[] = [];

  constructor(model: EfficientNet, options: GraphOptions) {
    this.#model = model;
    this.#options = options;
  }

  walk(): IntegerGraph {
    const { rows, height, width, images } = this.#options;
    const { stem: first, blocks, features, classifier } = this.#model;
    const shape = [rows, height, width, 3];
    const pixels = this.#graph.add(input, inputNames.images, [], { shape, element: images }) as Node;
    const thresholds = this.#parameter(integerNames.thresholds, [thresholdsSize]);
    let x = this.#unit(this.#graph.add(quantizeImages, points.images, [pixels, thresholds], {}), first);
    for (const block of blocks) x = this.#block(x, block);
    const mean = this.#mean(this.#unit(x, features), points.activated(features), points.features);
    const sums = this.#sums(mean, classifier, classifier.outFeatures);
    const vectors = this.#parameter(integerNames.vectors(classifier.name), [
      vectorRows,
      paddedTo4(classifier.outFeatures),
    ]);
    const logits = this.#graph.add(rescale, 'logits', [sums, vectors], {});
    return { graph: this.#graph, logits, loss: undefined, means: this.#means };
  }

  #block(x: Node, block: Block): Node {
    const { name, expand, depthwise: filters, project, residual } = block;
    const spread = this.#unit(expand ? this.#unit(x, expand) : x, filters);
    const factors = this.#factors(spread, block);
    const products = this.#graph.add(scaleChannels, `${name}.se`, [spread, factors], {});
    const branch = this.#unit(this.#requantized(products, points.scaled(block)), project);
    if (!residual) return branch;
    const table = this.#parameter(integerNames.table(points.sum(block)), [PAIR_SIZE]);
    return this.#graph.add(lookupPair, name, [x, branch, table], {});
  }

  /** A factor for each sample and channel. */
  #factors(spread: Node, block: Block): Node {
    const { squeeze, excite } = block;
    const mean = this.#mean(spread, points.activated(block.depthwise), points.pooled(block));
    const squeezed = this.#affine(mean, squeeze, points.activated(squeeze));
    return this.#affine(squeezed, excite, points.factors(block));
  }

  /** @param point what a table makes of the affine values */
  #affine(x: Node, layer: Dense, point: string): Node {
    const sums = this.#sums(x, layer, paddedTo4(layer.outFeatures));
    return this.#lookedUp(this.#requantized(sums, points.affine(layer)), point);
  }

  #sums(x: Node, { name }: Dense, outputs: number): Node {
    const weights = [outputs, x.shape[1] as number];
    return this.#graph.add(
      dense,
      name,
      [
        x,
        this.#parameter(integerNames.weights(name), weights, 'factors'),
        this.#parameter(integerNames.bias(name), [outputs], 'padded'),
      ],
      {},
    );
  }

  #mean(x: Node, from: string, to: string): Node {
    const channels = channelsOf(x.shape);
    const pixels = sampleRowsOf(x.shape);
    if (pixels * -LEAST >= 2 ** 24) {
      const message = `${to}: the sum of ${pixels} pixels may leave the integers that float32 has; use smaller images`;
      throw new ParameterError('ACCUMULATOR_BOUND', message);
    }
    this.#means.push({ pixels, channels, from, to });
    const sums = this.#graph.add(spatialSum, to, [x], {});
    const shape = [integerVectorRows, channels];
    const vectors = this.#graph.add(input, integerNames.vectors(to), [], { shape, element: 'f32' });
    return this.#graph.add(requantize, to, [sums, vectors as Node], {});
  }

  #unit(x: Node, unit: ConvolutionUnit): Node {
    const values = this.#requantized(this.#convolution(x, unit), points.normalized(unit));
    return unit.activation ? this.#lookedUp(values, points.activated(unit)) : values;
  }

  #convolution(x: Node, unit: ConvolutionUnit): Node {
    const { name, inChannels, outChannels, kernel, stride } = unit;
    const inputs = unit.depthwise ? 1 : inChannels;
    const layout = kernel === 1 && !unit.depthwise ? 'factors' : 'outputsLast';
    const filter = this.#parameter(integerNames.weights(name), [outChannels, inputs, kernel, kernel], layout);
    if (kernel === 1 && !unit.depthwise) return this.#graph.add(pointwise, name, [x, filter], {});
    const kind = unit.depthwise ? depthwise : stem;
    const { padding } = this.#model;
    return this.#graph.add(kind, name, [x, filter], { kernel, stride, padding }) as Node;
  }

  #requantized(sums: Node, point: string): Node {
    const shape = [integerVectorRows, sums.shape.at(-1) as number];
    return this.#graph.add(
      requantize,
      point,
      [sums, this.#parameter(integerNames.vectors(point), shape)],
      {},
    );
  }

  #lookedUp(x: Node, point: string): Node {
    const table = this.#parameter(integerNames.table(point), [LOOKUP_SIZE]);
    return this.#graph.add(lookup, point, [x, table], {});
  }

  #parameter(name: string, shape: Shape, layout: ParameterLayout = 'same'): Node {
    // all are kept together; nothing trains them
    return this.#graph.add(parameter, name, [], { shape, layout, isTrainable: true }) as Node;
  }
}
