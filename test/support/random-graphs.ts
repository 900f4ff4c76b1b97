import fc from 'fast-check';
import { add } from '../../src/graph/kinds/add.ts';
import { batchNorm } from '../../src/graph/kinds/batch-norm.ts';
import { crossEntropy } from '../../src/graph/kinds/cross-entropy.ts';
import { dense } from '../../src/graph/kinds/dense.ts';
import { depthwise } from '../../src/graph/kinds/depthwise.ts';
import { input } from '../../src/graph/kinds/input.ts';
import { type ParameterLayout, parameter } from '../../src/graph/kinds/parameter.ts';
import { pointwise } from '../../src/graph/kinds/pointwise.ts';
import { scaleChannels } from '../../src/graph/kinds/scale-channels.ts';
import { scaleFeatures } from '../../src/graph/kinds/scale-features.ts';
import { scaleSamples } from '../../src/graph/kinds/scale-samples.ts';
import { sigmoid } from '../../src/graph/kinds/sigmoid.ts';
import { silu } from '../../src/graph/kinds/silu.ts';
import { spatialMean } from '../../src/graph/kinds/spatial-mean.ts';
import { squeezeExcite } from '../../src/graph/kinds/squeeze-excite.ts';
import { stem } from '../../src/graph/kinds/stem.ts';
import { inputNames, type ModelGraph, survivalName } from '../../src/graph/model-graph.ts';
import { channelsOf, Graph, type Node, type Shape } from '../../src/graph/node.ts';
import { type Padding, paddings } from '../../src/models/scaling.ts';

/** A graph to be made: layers in any order, between a stem and a classifier. */
export interface GraphPlan {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  readonly stem: Convolution;
  readonly layers: readonly Layer[];
  readonly hasDropout: boolean;
  readonly classes: number;
  readonly smoothing: number;
  /** Which layers do not learn, and which have batch norms by the running statistics: over and over, in the layers' order. */
  readonly isFrozen: readonly boolean[];
  readonly isFixed: readonly boolean[];
}

type Layer = Convolution | SqueezeExcite | Residual | Fork;

interface Convolution {
  readonly kind: 'pointwise' | 'depthwise';
  /** Output channels / 4. */
  readonly c4: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly hasBatchNorm: boolean;
  readonly hasSilu: boolean;
}

interface SqueezeExcite {
  readonly kind: 'squeezeExcite';
  readonly squeezed: number;
  /** As one node, or as two dense layers and what is between them. */
  readonly isFused: boolean;
}

/** The sum of x and of what layers of stride 1 make of it, some of whose samples are dropped. */
interface Residual {
  readonly kind: 'residual';
  readonly branch: readonly Layer[];
  readonly isDropped: boolean;
}

/** A convolution whose output is read twice: by its batch norm, and by another convolution. Their sum comes out. */
interface Fork {
  readonly kind: 'fork';
  /** Output channels / 4. */
  readonly c4: number;
  /** Whether the batch norm's side comes first. */
  readonly isNormFirst: boolean;
}

const convolution: fc.Arbitrary<Convolution> = fc.record({
  kind: fc.constantFrom('pointwise', 'depthwise'),
  c4: fc.integer({ min: 1, max: 2 }),
  kernel: fc.constantFrom(3, 5),
  stride: fc.constantFrom(1, 2),
  padding: fc.constantFrom(...paddings),
  hasBatchNorm: fc.boolean(),
  hasSilu: fc.boolean(),
});

const { layer } = fc.letrec<{ layer: Layer }>((tie) => ({
  layer: fc.oneof(
    { maxDepth: 2 },
    { weight: 4, arbitrary: convolution },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('squeezeExcite' as const),
        squeezed: fc.integer({ min: 1, max: 6 }),
        isFused: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('fork' as const),
        c4: fc.integer({ min: 1, max: 2 }),
        isNormFirst: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('residual' as const),
        branch: fc.array(tie('layer'), { maxLength: 3 }),
        isDropped: fc.boolean(),
      }),
    },
  ),
}));

export const graphPlan: fc.Arbitrary<GraphPlan> = fc.record({
  rows: fc.integer({ min: 3, max: 4 }),
  height: fc.integer({ min: 4, max: 7 }),
  width: fc.integer({ min: 4, max: 7 }),
  stem: convolution,
  layers: fc.array(layer, { minLength: 1, maxLength: 4 }),
  hasDropout: fc.boolean(),
  classes: fc.integer({ min: 2, max: 6 }),
  smoothing: fc.constantFrom(0, 0.1),
  isFrozen: fc.array(fc.boolean(), { maxLength: 6 }),
  isFixed: fc.array(fc.boolean(), { maxLength: 6 }),
});

export const graphOf = (plan: GraphPlan): ModelGraph & { readonly loss: Node } => new GraphMaker(plan).make();

class GraphMaker {
  readonly #graph = new Graph();
  readonly #plan: GraphPlan;
  #count = 0;

  constructor(plan: GraphPlan) {
    this.#plan = plan;
  }

  make(): ModelGraph & { readonly loss: Node } {
    const { rows, height, width, layers, hasDropout, classes, smoothing } = this.#plan;
    let x = this.#stem(this.#input(inputNames.images, [rows, height, width, 3]));
    for (const one of layers) x = this.#layer(x, one, true);
    x = this.#graph.add(spatialMean, 'features', [x], {});
    if (hasDropout)
      x = this.#graph.add(scaleFeatures, 'dropout', [x, this.#input(inputNames.dropout, x.shape)], {});
    const weights = [
      this.#parameter('fc.weight', [classes, channelsOf(x.shape)], 'factors'),
      this.#parameter('fc.bias', [classes], 'padded'),
    ];
    const logits = this.#graph.add(dense, 'fc', [x, ...weights], {});
    const targets = [inputNames.labels, inputNames.partners, inputNames.shares].map((name) =>
      this.#input(name, [rows], name === inputNames.shares ? 'f32' : 'u32'),
    );
    const loss = this.#graph.add(crossEntropy, 'loss', [logits, ...targets], { smoothing });
    return { graph: this.#graph, logits, loss: loss as Node };
  }

  #layer(x: Node, one: Layer, mayShrink: boolean): Node {
    if (one.kind === 'squeezeExcite') return this.#squeezeExcite(x, one);
    if (one.kind === 'residual') return this.#residual(x, one);
    if (one.kind === 'fork') return this.#fork(x, one);
    const stride = mayShrink ? one.stride : 1;
    return this.#convolution(x, { ...one, stride });
  }

  #stem(images: Node): Node {
    const { c4, kernel, stride, padding } = this.#plan.stem;
    const filter = this.#parameter('stem.conv.weight', [4 * c4, 3, kernel, kernel], 'outputsLast');
    const z = this.#graph.add(stem, 'stem', [images, filter], { kernel, stride, padding });
    return this.#finish(z as Node, this.#plan.stem);
  }

  #convolution(x: Node, one: Convolution): Node {
    const { kind, c4, kernel, stride, padding } = one;
    if (kind === 'pointwise') return this.#finish(this.#pointwise(x, c4), one);
    const name = this.#name(kind);
    const inputs = channelsOf(x.shape);
    const filter = this.#parameter(`${name}.conv.weight`, [inputs, 1, kernel, kernel], 'outputsLast');
    return this.#finish(
      this.#graph.add(depthwise, name, [x, filter], { kernel, stride, padding }) as Node,
      one,
    );
  }

  #fork(x: Node, { c4, isNormFirst }: Fork): Node {
    const z = this.#pointwise(x, c4);
    const first = isNormFirst ? this.#batchNorm(z) : this.#pointwise(z, c4);
    const second = isNormFirst ? this.#pointwise(z, c4) : this.#batchNorm(z);
    return this.#graph.add(add, this.#name('fork'), [first, second], {});
  }

  #pointwise(x: Node, c4: number): Node {
    const name = this.#name('pointwise');
    const filter = this.#parameter(`${name}.conv.weight`, [4 * c4, channelsOf(x.shape), 1, 1], 'factors');
    return this.#graph.add(pointwise, name, [x, filter], {});
  }

  #finish(z: Node, { hasBatchNorm, hasSilu }: Convolution): Node {
    const x = hasBatchNorm ? this.#batchNorm(z) : z;
    return hasSilu ? this.#graph.add(silu, z.name, [x], {}) : x;
  }

  #batchNorm(z: Node): Node {
    const { name, shape } = z;
    const vectors = ['weight', 'bias', 'running_mean', 'running_var'].map((vector) =>
      this.#parameter(`${name}.bn.${vector}`, [channelsOf(shape)], 'same', !vector.startsWith('running')),
    );
    // an epsilon that is no small one: tiny tensors vary little, and differences are to be taken across
    const isTraining = !this.#isOneOf(this.#plan.isFrozen, name) && !this.#isOneOf(this.#plan.isFixed, name);
    const attributes = { epsilon: 0.1, momentum: 0.1, isTraining };
    return this.#graph.add(batchNorm, name, [z, ...vectors], attributes) as Node;
  }

  #squeezeExcite(x: Node, one: SqueezeExcite): Node {
    const name = this.#name('se');
    const mean = this.#graph.add(spatialMean, name, [x], {});
    const factors = one.isFused ? this.#fused(mean, name, one) : this.#layers(mean, name, one);
    return this.#graph.add(scaleChannels, name, [x, factors], {});
  }

  #layers(mean: Node, name: string, { squeezed }: SqueezeExcite): Node {
    const affine = (x: Node, layer: string, outputs: number): Node =>
      this.#graph.add(
        dense,
        `${name}.${layer}`,
        [
          x,
          this.#parameter(`${name}.${layer}.weight`, [outputs, channelsOf(x.shape)], 'factors'),
          this.#parameter(`${name}.${layer}.bias`, [outputs], 'padded'),
        ],
        {},
      );
    const hidden = this.#graph.add(silu, name, [affine(mean, 'squeeze', squeezed)], {});
    const excited = affine(hidden, 'excite', channelsOf(mean.shape));
    return this.#graph.add(sigmoid, name, [excited], {}) as Node;
  }

  #fused(mean: Node, name: string, { squeezed }: SqueezeExcite): Node {
    const channels = channelsOf(mean.shape);
    const weights = [
      this.#parameter(`${name}.squeeze.weight`, [squeezed, channels], 'same'),
      this.#parameter(`${name}.squeeze.bias`, [squeezed], 'same'),
      this.#parameter(`${name}.excite.weight`, [channels, squeezed], 'same'),
      this.#parameter(`${name}.excite.bias`, [channels], 'same'),
    ];
    return this.#graph.add(squeezeExcite, name, [mean, ...weights], {});
  }

  #residual(x: Node, { branch, isDropped }: Residual): Node {
    const name = this.#name('residual');
    let y = x;
    for (const one of branch) y = this.#layer(y, one, false);
    if (channelsOf(y.shape) !== channelsOf(x.shape)) {
      const c4 = channelsOf(x.shape) / 4;
      const last = {
        kind: 'pointwise',
        c4,
        kernel: 3,
        stride: 1,
        padding: 'torch',
        hasBatchNorm: true,
        hasSilu: false,
      } as const;
      y = this.#convolution(y, last);
    }
    if (isDropped) {
      const factors = this.#input(survivalName(name), [this.#plan.rows]);
      y = this.#graph.add(scaleSamples, name, [y, factors], {});
    }
    return this.#graph.add(add, name, [x, y], {});
  }

  #name(kind: string): string {
    this.#count++;
    return `${kind}${this.#count}`;
  }

  #parameter(name: string, shape: Shape, layout: ParameterLayout, isTrainable = true): Node {
    const isFrozen = this.#isOneOf(this.#plan.isFrozen, name);
    return this.#graph.add(parameter, name, [], { shape, layout, isTrainable, isFrozen }) as Node;
  }

  #isOneOf(list: readonly boolean[], name: string): boolean {
    const [layer = ''] = name.split('.');
    const number = layer === 'fc' ? this.#count + 1 : Number(layer.match(/\d+$/) ?? 0);
    // something learns: where it is not the stem, it is the classifier
    if (layer === 'fc' && list[0]) return false;
    return list[number % list.length] ?? false;
  }

  #input(name: string, shape: Shape, element: 'f32' | 'u32' = 'f32'): Node {
    return this.#graph.add(input, name, [], { shape, element }) as Node;
  }
}
