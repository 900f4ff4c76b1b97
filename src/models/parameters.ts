import { type Rng, randomFor } from '../core/random.ts';
import type { NamedTensor, TensorMap, TrainingSettings } from '../core/trainer.ts';
import type { ConvolutionUnit, Dense, EfficientNet } from './efficientnet.ts';
import { isDense, layersOf } from './layers.ts';
import type { ConvolutionInit } from './scaling.ts';

/** How a tensor starts: normal (mean 0), uniform in [-bound, bound), or all one value. */
export type Initialization =
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'constant'; readonly value: number };

/** One tensor of a model: PyTorch's name and shape (convolutions OIHW). */
export interface ModelTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initialization;
  /** False for running statistics: no gradient, and not counted. */
  readonly trainable: boolean;
}

/** Every tensor of the model, in the order of PyTorch's state_dict (without its batch counters). */
export const parametersOf = (model: EfficientNet): ModelTensor[] =>
  layersOf(model).flatMap((layer) =>
    isDense(layer) ? denseParameters(layer) : unitParameters(layer, model.convolutionInit),
  );

/** Number of trainable values. */
export function countParameters(model: EfficientNet): number {
  const trainable = parametersOf(model).filter((parameter) => parameter.trainable);
  return trainable.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Whether weight decay applies: to biases as to weights, and to batch norm where `settings` say so, as in the reference.
 */
export const isDecayed = (name: string, { batchNormWeightDecay = false }: DecaySettings = {}): boolean =>
  batchNormWeightDecay || !name.includes('bn');

/** Whether the parameter is one of the layer that gives the logits. */
export const isOfClassifier = (name: string): boolean => name.startsWith('classifier.');

type DecaySettings = Pick<TrainingSettings, 'batchNormWeightDecay'>;

/** The weights a training starts from. They depend on the seed and the model's shapes only. Those not `wanted` are left out. */
export function initialWeights(
  model: EfficientNet,
  seed: number,
  wanted: (name: string) => boolean = () => true,
): TensorMap {
  const entries = parametersOf(model)
    .map((parameter, index) => ({ parameter, index }))
    .filter(({ parameter }) => wanted(parameter.name))
    .map(({ parameter, index }): [string, NamedTensor] => [
      parameter.name,
      { shape: parameter.shape, data: draw(parameter, seed, index) },
    ]);
  return Object.fromEntries(entries);
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

function unitParameters(
  { name, inChannels, outChannels, kernel, depthwise }: ConvolutionUnit,
  init: ConvolutionInit,
): ModelTensor[] {
  const inputs = depthwise ? 1 : inChannels;
  // Kaiming: variance 2 / fan keeps the scale of activations (in) or gradients (out) through a ReLU; the reference uses
  // it for SiLU too, and as PyTorch takes a depthwise layer's outputs for the fan-out of each
  const std = Math.sqrt(2 / ((init === 'fan_in' ? inputs : outChannels) * kernel * kernel));
  const channel = (tensor: string, value: number, trainable: boolean): ModelTensor => ({
    name: `${name}.bn.${tensor}`,
    shape: [outChannels],
    initial: { kind: 'constant', value },
    trainable,
  });
  return [
    {
      name: `${name}.conv.weight`,
      shape: [outChannels, inputs, kernel, kernel],
      initial: { kind: 'normal', std },
      trainable: true,
    },
    channel('weight', 1, true),
    channel('bias', 0, true),
    channel('running_mean', 0, false),
    channel('running_var', 1, false),
  ];
}

function denseParameters({ name, inFeatures, outFeatures }: Dense): ModelTensor[] {
  const initial = { kind: 'uniform', bound: 1 / Math.sqrt(inFeatures) } as const;
  return [
    { name: `${name}.weight`, shape: [outFeatures, inFeatures], initial, trainable: true },
    { name: `${name}.bias`, shape: [outFeatures], initial, trainable: true },
  ];
}

/** One stream of random numbers a row: a stream holds too few for a whole classifier. */
function draw({ shape, initial }: ModelTensor, seed: number, index: number): Float32Array {
  const data = new Float32Array(sizeOf(shape));
  if (initial.kind === 'constant') return data.fill(initial.value);
  const rows = shape[0] as number;
  const rowLength = data.length / rows;
  for (let row = 0; row < rows; row++) {
    const rng = randomFor(seed, 0, index, row, 'weights');
    for (let i = 0; i < rowLength; i++) data[row * rowLength + i] = drawValue(rng, initial);
  }
  return data;
}

function drawValue(rng: Rng, initial: Exclude<Initialization, { kind: 'constant' }>): number {
  return initial.kind === 'normal' ? initial.std * rng.normal() : rng.uniform(-initial.bound, initial.bound);
}
