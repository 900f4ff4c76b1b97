import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { add } from '../../graph/kinds/add.ts';
import { batchNorm } from '../../graph/kinds/batch-norm.ts';
import type { Window } from '../../graph/kinds/convolution.ts';
import { dense } from '../../graph/kinds/dense.ts';
import { depthwise } from '../../graph/kinds/depthwise.ts';
import { pointwise } from '../../graph/kinds/pointwise.ts';
import { scaleChannels } from '../../graph/kinds/scale-channels.ts';
import { scaleFeatures } from '../../graph/kinds/scale-features.ts';
import { scaleSamples } from '../../graph/kinds/scale-samples.ts';
import { silu } from '../../graph/kinds/silu.ts';
import { spatialMean } from '../../graph/kinds/spatial-mean.ts';
import { squeezeExcite } from '../../graph/kinds/squeeze-excite.ts';
import { stem } from '../../graph/kinds/stem.ts';
import { inputNames, modelGraph } from '../../graph/model-graph.ts';
import { isKind, type Node } from '../../graph/node.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { type Margins, marginsOf } from '../../models/layers.ts';
import type { Layers } from './layers.ts';
import type { Normalized } from './operations.ts';
import type { Tensorflow } from './tensorflow.ts';

/** Weights and running statistics by name, in tfjs's layouts. */
export type Weights = ReadonlyMap<string, Tensor>;

/** The place of fake quantisation: every convolution's and dense layer's operands, and every activation, pass here. */
export interface Seam {
  operands(input: Tensor4D, weight: Tensor4D, layer: string): readonly [input: Tensor4D, weight: Tensor4D];
  activation(output: Tensor4D, layer: string): Tensor4D;
}

export const plainSeam: Seam = {
  operands: (input, weight) => [input, weight],
  activation: (output) => output,
};

/** What training adds to a forward pass. Without it, batch norm uses its running statistics and nothing is dropped. */
export interface TrainingPass {
  /** Receives each batch norm's statistics of this batch, over `rows` values a channel; they are the receiver's. */
  collect(layer: string, statistics: Omit<Normalized, 'y'>, rows: number): void;
  /** Factor of each sample's branch in a block that may be dropped, by its name, [n, 1, 1, 1]: 0 = dropped. */
  readonly survival: ReadonlyMap<string, Tensor4D>;
  /** Factor of each feature before the classifier, [n, 1, 1, c]: 0 = dropped. */
  readonly dropout: Tensor4D | undefined;
}

interface Pass {
  readonly tensorflow: Tensorflow;
  readonly layers: Layers;
  readonly model: EfficientNet;
  readonly seam: Seam;
  readonly weights: Weights;
  readonly training: TrainingPass | undefined;
}

/** Logits [n, classes] of images [n, h, w, 3]: computes the nodes of the model's graph in their order. */
export function forward(pass: Pass, images: Tensor4D): Tensor2D {
  const { model, training } = pass;
  const [rows, height, width] = images.shape;
  const { graph, logits } = modelGraph(model, {
    ...{ rows, height, width, images: 'f32' },
    // the loss is the trainer's own: of it the graph has no more than the targets
    ...(training && { training: { labelSmoothing: 0 } }),
  });
  const values = new Map<Node, Tensor4D>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((one) => values.get(one)) as unknown as Inputs;
    const value =
      node.name === inputNames.images ? images : computations.get(node.kind)?.(pass, node, inputs);
    if (value !== undefined) values.set(node, value);
  }
  return (values.get(logits) as Tensor4D).reshape([rows, model.classes]);
}

/** A node's value from its inputs': those of parameters and of what is dropped are the pass's. */
type Compute = (pass: Pass, node: Node, inputs: Inputs) => Tensor4D;
/** Of a node with one input the second is undefined. */
type Inputs = readonly [Tensor4D, Tensor4D];

const computations: ReadonlyMap<unknown, Compute> = new Map<unknown, Compute>([
  [stem, convolution],
  [depthwise, convolution],
  [pointwise, convolution],
  [batchNorm, normalized],
  [silu, (pass, { name }, [x]: Inputs) => activated(pass, x, name)],
  [spatialMean, ({ layers }, _, [x]: Inputs) => layers.spatialMean(x)],
  [squeezeExcite, excitation],
  [scaleChannels, ({ layers }, _, [x, factors]: Inputs) => layers.scaleChannels(x, factors)],
  [scaleSamples, survived],
  [scaleFeatures, ({ training }, _, [x]: Inputs) => x.mul(training?.dropout as Tensor4D)],
  [add, (_, __, [a, b]: Inputs) => a.add(b)],
  [dense, (pass, { name }, [x]: Inputs) => affine(pass, x, name)],
]);

function survived({ training }: Pass, { name }: Node, [x]: Inputs): Tensor4D {
  return x.mul(training?.survival.get(name) as Tensor4D);
}

function excitation(pass: Pass, { inputs }: Node, [mean]: Inputs): Tensor4D {
  const [squeeze, excite] = [inputs[1], inputs[3]].map((weights) => layerOf(weights as Node)) as [
    string,
    string,
  ];
  const squeezed = activated(pass, affine(pass, mean, squeeze), squeeze);
  return pass.seam.activation(affine(pass, squeezed, excite).sigmoid(), excite);
}

const layerOf = ({ name }: Node): string => name.replace(/\.weight$/, '');

/** Of margins that are alike on every side, some backends of tfjs know; the others are zeros around the images. */
function convolution(pass: Pass, node: Node, [x]: Inputs): Tensor4D {
  const { tf, padsFreely } = pass.tensorflow;
  const { name, attributes } = node;
  const { kernel = 1, stride = 1, padding = 'torch' } = attributes as Partial<Window>;
  const [operand, filter] = pass.seam.operands(x, weight(pass, `${name}.conv.weight`), name);
  const [rows, columns] = [operand.shape[1], operand.shape[2]].map((side) =>
    marginsOf(side, { kernel, stride }, padding),
  ) as [Margins, Margins];
  const margin = rows.before;
  const isAlike = [rows.after, columns.before, columns.after].every((other) => other === margin);
  const isPadded = isAlike && (padsFreely || margin === 0);
  const [input, pad] = isPadded ? [operand, margin] : [withMargins(operand, rows, columns), 0];
  return isKind(node, depthwise)
    ? tf.depthwiseConv2d(input, filter, stride, pad)
    : tf.conv2d(input, filter, stride, pad);
}

function withMargins(x: Tensor4D, rows: Margins, columns: Margins): Tensor4D {
  return x.pad([
    [0, 0],
    [rows.before, rows.after],
    [columns.before, columns.after],
    [0, 0],
  ]);
}

/** A dense layer is a 1x1 convolution of [n, 1, 1, c]. */
function affine(pass: Pass, x: Tensor4D, name: string): Tensor4D {
  const [input, filter] = pass.seam.operands(x, weight(pass, `${name}.weight`), name);
  return pass.tensorflow.tf.conv2d(input, filter, 1, 0).add(vector(pass, `${name}.bias`));
}

function activated(pass: Pass, x: Tensor4D, layer: string): Tensor4D {
  return pass.seam.activation(pass.layers.silu(x), layer);
}

function normalized(pass: Pass, { name }: Node, [x]: Inputs): Tensor4D {
  const { training, layers, tensorflow, model } = pass;
  const { epsilon } = model.batchNorm;
  const gamma = vector(pass, `${name}.bn.weight`);
  const beta = vector(pass, `${name}.bn.bias`);
  if (training) {
    const rows = x.size / x.shape[3];
    return layers.batchNorm(x, gamma, beta, epsilon, (statistics) =>
      training.collect(name, statistics, rows),
    );
  }
  const mean = vector(pass, `${name}.bn.running_mean`);
  const variance = vector(pass, `${name}.bn.running_var`);
  const scale = gamma.mul<Tensor1D>(variance.add(epsilon).rsqrt());
  return tensorflow.operations.scaleShift(x, scale, beta.sub(mean.mul(scale)));
}

const weight = ({ weights }: Pass, name: string): Tensor4D => weights.get(name) as Tensor4D;
const vector = ({ weights }: Pass, name: string): Tensor1D => weights.get(name) as Tensor1D;
