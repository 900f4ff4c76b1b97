import type { Element } from '../../backends/tensor-kernels/tensor.ts';
import { ParameterError } from '../core/errors.ts';
import type { LossName, QuantizedPlaces } from '../core/trainer.ts';
import type { Block, ConvolutionUnit, Dense, EfficientNet } from '../models/efficientnet.ts';
import { points } from '../models/points.ts';
import { add } from './kinds/add.ts';
import { batchNorm } from './kinds/batch-norm.ts';
import { binaryCrossEntropy } from './kinds/binary-cross-entropy.ts';
import { crossEntropy } from './kinds/cross-entropy.ts';
import { dense } from './kinds/dense.ts';
import { depthwise } from './kinds/depthwise.ts';
import { input } from './kinds/input.ts';
import { observe } from './kinds/observe.ts';
import { type ParameterLayout, parameter } from './kinds/parameter.ts';
import { pointwise } from './kinds/pointwise.ts';
import { quantize } from './kinds/quantize.ts';
import { scaleChannels } from './kinds/scale-channels.ts';
import { scaleFeatures } from './kinds/scale-features.ts';
import { scaleSamples } from './kinds/scale-samples.ts';
import { sigmoid } from './kinds/sigmoid.ts';
import { silu } from './kinds/silu.ts';
import { spatialMean } from './kinds/spatial-mean.ts';
import { squeezeExcite } from './kinds/squeeze-excite.ts';
import { stem } from './kinds/stem.ts';
import { weightedCrossEntropy } from './kinds/weighted-cross-entropy.ts';
import { Graph, type Node, paddedTo4, type Shape } from './node.ts';

/** What a graph is made for. */
export interface GraphOptions {
  /** Images of a batch, and their edges in pixels. */
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** float16 or float32. */
  readonly images: Extract<Element, 'f16' | 'f32'>;
  /** For a training step. Left out: the graph ends in the logits, and batch norm takes the running statistics. */
  readonly training?: TrainingGraphOptions;
  /**
   * Values of these points are rounded, once for all who read them. Squeeze and excitation are nodes of their own then, since
   * points stand between them. Which weights are rounded changes no node.
   */
  readonly quantization?: QuantizedPlaces;
  /** Points whose values are kept, to be read. Nothing is rounded there. */
  readonly observed?: readonly string[];
}

export interface TrainingGraphOptions {
  /** Default 'cross-entropy'. */
  readonly loss?: LossName | undefined;
  readonly labelSmoothing: number;
  /** Whether targets, of the cross-entropy, have weights of their classes: they are made on the host then. Default false. */
  readonly weighsClasses?: boolean;
  /** Names of layers that do not learn; their batch norm takes the running statistics. Default: all learn. */
  readonly frozen?: ReadonlySet<string>;
  /** Whether all batch norms take the running statistics. Default false. */
  readonly fixedStatistics?: boolean;
}

/** A model's graph: its forward pass and, in training, the loss of each row. */
export interface ModelGraph {
  readonly graph: Graph;
  readonly logits: Node;
  readonly loss: Node | undefined;
}

/** Names of the inputs. A block's survival factors are `survival.<block>`. */
export const inputNames = {
  images: 'images',
  dropout: 'dropout',
  labels: 'labels',
  partners: 'partners',
  shares: 'shares',
  /** Of each class, where the loss is the binary cross-entropy, or classes have weights. */
  targets: 'targets',
} as const;
export const survivalName = (block: string): string => `survival.${block}`;

export function modelGraph(model: EfficientNet, options: GraphOptions): ModelGraph {
  return new ModelWalk(model, options).walk();
}

/** The one walk of a model's topology. Training, evaluation and export walk the graph. */
class ModelWalk {
  readonly #graph = new Graph();
  readonly #model: EfficientNet;
  readonly #options: GraphOptions;
  readonly #quantized: ReadonlySet<string>;
  readonly #observed: ReadonlySet<string>;
  /** All that the walk has met. */
  readonly #points = new Set<string>();

  constructor(model: EfficientNet, options: GraphOptions) {
    this.#model = model;
    this.#options = options;
    this.#quantized = new Set(options.quantization?.points);
    this.#observed = new Set(options.observed);
  }

  walk(): ModelGraph {
    const { rows, height, width, images, training } = this.#options;
    const { stem: first, blocks, features, classifier, dropout } = this.#model;
    const pixels = this.#input(inputNames.images, [rows, height, width, 3], images);
    let x = this.#unit(this.#point(pixels, points.images), first);
    for (const block of blocks) x = this.#block(x, block);
    x = this.#graph.add(spatialMean, features.name, [this.#unit(x, features)], {});
    x = this.#point(x, points.features);
    if (training !== undefined && dropout > 0) {
      const factors = this.#input(inputNames.dropout, x.shape, 'f32');
      x = this.#graph.add(scaleFeatures, 'dropout', [x, factors], {});
    }
    const logits = this.#graph.add(
      dense,
      classifier.name,
      [x, ...this.#dense(classifier, ['factors', 'padded'])],
      {},
    );
    this.#checkPoints();
    return { graph: this.#graph, logits, loss: training && this.#loss(logits, training) };
  }

  /** A value that has a name: rounded or kept, where that was asked for. */
  #point(value: Node, point: string): Node {
    this.#points.add(point);
    if (this.#observed.has(point)) return this.#graph.add(observe, point, [value], {}) as Node;
    return this.#quantized.has(point) ? (this.#graph.add(quantize, point, [value], {}) as Node) : value;
  }

  #checkPoints(): void {
    const unknown = [...this.#quantized, ...this.#observed].find((point) => !this.#points.has(point));
    if (unknown === undefined) return;
    throw new ParameterError('UNKNOWN_POINT', `${this.#model.name}: no value is called ${unknown}`);
  }

  #loss(logits: Node, { loss, labelSmoothing, weighsClasses }: TrainingGraphOptions): Node {
    const { rows } = this.#options;
    if (loss === 'bce' || weighsClasses) {
      const targets = this.#input(inputNames.targets, [rows, paddedTo4(this.#model.classes)], 'f32');
      const kind = loss === 'bce' ? binaryCrossEntropy : weightedCrossEntropy;
      return this.#graph.add(kind, 'loss', [logits, targets], {});
    }
    const { labels, partners, shares } = inputNames;
    const targets = [
      this.#input(labels, [rows], 'u32'),
      this.#input(partners, [rows], 'u32'),
      this.#input(shares, [rows], 'f32'),
    ];
    return this.#graph.add(crossEntropy, 'loss', [logits, ...targets], { smoothing: labelSmoothing });
  }

  #block(x: Node, block: Block): Node {
    const { name, expand, depthwise: filters, squeeze, project, residual, survival } = block;
    const spread = this.#unit(expand ? this.#unit(x, expand) : x, filters);
    const mean = this.#graph.add(spatialMean, squeeze.name, [spread], {});
    const factors = this.#excitation(this.#point(mean, points.pooled(block)), block);
    const product = this.#graph.add(scaleChannels, `${name}.se`, [spread, factors], {});
    const scaled = this.#point(product, points.scaled(block));
    let branch = this.#unit(scaled, project);
    if (!residual) return branch;
    if (this.#options.training !== undefined && survival < 1) {
      const kept = this.#input(survivalName(name), [this.#options.rows], 'f32');
      branch = this.#graph.add(scaleSamples, name, [branch, kept], {});
    }
    return this.#point(this.#graph.add(add, name, [x, branch], {}), points.sum(block));
  }

  /** A factor for each sample and channel. */
  #excitation(mean: Node, block: Block): Node {
    const { name, squeeze, excite } = block;
    const { quantization, observed } = this.#options;
    if (quantization === undefined && observed === undefined) {
      const weights = [...this.#dense(squeeze), ...this.#dense(excite)];
      return this.#graph.add(squeezeExcite, `${name}.se`, [mean, ...weights], {});
    }
    const squeezed = this.#graph.add(silu, squeeze.name, [this.#affine(mean, squeeze)], {});
    const affine = this.#affine(this.#point(squeezed, points.activated(squeeze)), excite);
    return this.#point(this.#graph.add(sigmoid, excite.name, [affine], {}), points.factors(block));
  }

  #affine(x: Node, layer: Dense): Node {
    const parameters = this.#dense(layer, ['factors', 'padded']);
    return this.#point(this.#graph.add(dense, layer.name, [x, ...parameters], {}), points.affine(layer));
  }

  #unit(x: Node, unit: ConvolutionUnit): Node {
    const { name, outChannels, activation } = unit;
    const { epsilon, momentum } = this.#model.batchNorm;
    const { training } = this.#options;
    const isTraining = training !== undefined && !training.fixedStatistics && !training.frozen?.has(name);
    const vectors = ['weight', 'bias', 'running_mean', 'running_var'].map((vector) =>
      this.#parameter(name, `bn.${vector}`, [outChannels], 'same', !vector.startsWith('running')),
    );
    const attributes = { epsilon, momentum, isTraining };
    const convolved = this.#convolution(x, unit);
    const output = this.#graph.add(batchNorm, name, [convolved, ...vectors], attributes);
    const normalized = this.#point(output, points.normalized(unit));
    if (!activation) return normalized;
    return this.#point(this.#graph.add(silu, name, [normalized], {}), points.activated(unit));
  }

  #convolution(x: Node, unit: ConvolutionUnit): Node {
    const { name, inChannels, outChannels, kernel, stride } = unit;
    const inputs = unit.depthwise ? 1 : inChannels;
    const layout = kernel === 1 && !unit.depthwise ? 'factors' : 'outputsLast';
    const filter = this.#parameter(name, 'conv.weight', [outChannels, inputs, kernel, kernel], layout);
    const window = { kernel, stride, padding: this.#model.padding };
    if (unit.depthwise) return this.#graph.add(depthwise, name, [x, filter], window);
    if (kernel === 1) return this.#graph.add(pointwise, name, [x, filter], {});
    return this.#graph.add(stem, name, [x, filter], window);
  }

  #dense(
    { name, inFeatures, outFeatures }: Dense,
    [weight, bias]: readonly [ParameterLayout, ParameterLayout] = ['same', 'same'],
  ): Node[] {
    return [
      this.#parameter(name, 'weight', [outFeatures, inFeatures], weight),
      this.#parameter(name, 'bias', [outFeatures], bias),
    ];
  }

  #parameter(layer: string, name: string, shape: Shape, layout: ParameterLayout, isTrainable = true): Node {
    const isFrozen = this.#options.training?.frozen?.has(layer) ?? false;
    return this.#graph.add(parameter, `${layer}.${name}`, [], {
      shape,
      layout,
      isTrainable,
      isFrozen,
    }) as Node;
  }

  #input(name: string, shape: Shape, element: Element): Node {
    return this.#graph.add(input, name, [], { shape, element }) as Node;
  }
}
