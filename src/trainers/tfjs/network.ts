import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Block, ConvolutionUnit, Dense, EfficientNet } from '../../models/efficientnet.ts';
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
  /** Factor of each sample's branch, [n, 1, 1, 1]: 0 = dropped. Undefined where a block is never dropped. */
  survival(block: Block): Tensor4D | undefined;
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

/** Logits [n, classes] of images [n, h, w, 3]. */
export function forward(pass: Pass, images: Tensor4D): Tensor2D {
  const { model, layers, training } = pass;
  let x = convolutionUnit(pass, images, model.stem);
  for (const block of model.blocks) x = mbConv(pass, x, block);
  x = layers.spatialMean(convolutionUnit(pass, x, model.features));
  if (training?.dropout) x = x.mul(training.dropout);
  const logits = dense(pass, x, model.classifier);
  return logits.reshape([images.shape[0], model.classes]);
}

function mbConv(pass: Pass, input: Tensor4D, block: Block): Tensor4D {
  let x = block.expand ? convolutionUnit(pass, input, block.expand) : input;
  x = convolutionUnit(pass, x, block.depthwise);
  x = squeezeExcite(pass, x, block);
  x = convolutionUnit(pass, x, block.project);
  if (!block.residual) return x;
  const survival = pass.training?.survival(block);
  return input.add(survival ? x.mul(survival) : x);
}

function squeezeExcite(pass: Pass, x: Tensor4D, { squeeze, excite }: Block): Tensor4D {
  const squeezed = activate(pass, dense(pass, pass.layers.spatialMean(x), squeeze), squeeze.name);
  const factors = dense(pass, squeezed, excite).sigmoid();
  return pass.layers.scaleChannels(x, pass.seam.activation(factors, excite.name));
}

function convolutionUnit(pass: Pass, input: Tensor4D, unit: ConvolutionUnit): Tensor4D {
  const normalized = batchNorm(pass, convolve(pass, input, unit), unit.name);
  return unit.activation ? activate(pass, normalized, unit.name) : normalized;
}

/** Pads (k - 1) / 2 on every side as PyTorch does: tfjs's 'same' pads right and bottom more where a stride is 2. */
function convolve(
  pass: Pass,
  given: Tensor4D,
  { name, kernel, stride, depthwise }: ConvolutionUnit,
): Tensor4D {
  const { tf, padsFreely } = pass.tensorflow;
  const [operand, filter] = pass.seam.operands(given, weight(pass, `${name}.conv.weight`), name);
  const margin = (kernel - 1) / 2;
  const [input, pad] = padsFreely || margin === 0 ? [operand, margin] : [withMargin(operand, margin), 0];
  return depthwise ? tf.depthwiseConv2d(input, filter, stride, pad) : tf.conv2d(input, filter, stride, pad);
}

function withMargin(x: Tensor4D, margin: number): Tensor4D {
  const sides: [number, number] = [margin, margin];
  return x.pad([[0, 0], sides, sides, [0, 0]]);
}

/** A dense layer is a 1x1 convolution of [n, 1, 1, c]. */
function dense(pass: Pass, given: Tensor4D, { name }: Dense): Tensor4D {
  const [input, filter] = pass.seam.operands(given, weight(pass, `${name}.weight`), name);
  return pass.tensorflow.tf.conv2d(input, filter, 1, 0).add(vector(pass, `${name}.bias`));
}

function activate(pass: Pass, x: Tensor4D, layer: string): Tensor4D {
  return pass.seam.activation(pass.layers.silu(x), layer);
}

function batchNorm(pass: Pass, x: Tensor4D, name: string): Tensor4D {
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
