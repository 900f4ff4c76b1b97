import { ParameterError } from '../core/errors.ts';
import {
  type ConvolutionInit,
  checkScaling,
  type Padding,
  type Scaling,
  scaleChannels,
  type Variant,
  variants,
} from './scaling.ts';

/**
 * EfficientNet as data, as NVIDIA's "EfficientNet for PyTorch" builds it: names and shapes of the parameters are that
 * model's. Tan and Le, "EfficientNet", ICML 2019; WideSE squeezes from the expanded channels instead of the input's.
 */
export interface EfficientNet {
  readonly name: string;
  readonly options: EfficientNetOptions;
  /** Edge of the square input in pixels, channels 3. */
  readonly resolution: number;
  readonly classes: number;
  /** Probability of dropping a feature before the classifier. */
  readonly dropout: number;
  readonly batchNorm: { readonly epsilon: number; readonly momentum: number };
  readonly convolutionInit: ConvolutionInit;
  /** Of all convolutions: `marginsOf` in layers.ts says how many zeros that is. */
  readonly padding: Padding;
  readonly stem: ConvolutionUnit;
  readonly blocks: readonly Block[];
  readonly features: ConvolutionUnit;
  readonly classifier: Dense;
}

/** Convolution without bias, zeros around its input by the model's padding; batch norm; SiLU where `activation`. */
export interface ConvolutionUnit {
  readonly name: string;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly depthwise: boolean;
  readonly activation: boolean;
}

/** Affine map of a vector: weight [outFeatures, inFeatures], bias [outFeatures]. */
export interface Dense {
  readonly name: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** MBConv: expand (1x1), depthwise, squeeze and excite, project (1x1), and the input added where `residual`. */
export interface Block {
  readonly name: string;
  readonly expand: ConvolutionUnit | undefined;
  readonly depthwise: ConvolutionUnit;
  readonly squeeze: Dense;
  readonly excite: Dense;
  readonly project: ConvolutionUnit;
  readonly residual: boolean;
  /** Probability that a sample keeps this block's branch in training (stochastic depth); 1 = always. */
  readonly survival: number;
}

export interface EfficientNetOptions extends Partial<Scaling> {
  /** Where the scaling starts; each of its values may be overridden. Default 'b0'. */
  readonly variant?: Variant;
  /** Number of classes, default 1000 (ImageNet). */
  readonly classes?: number;
}

/** kernel, stride, expansion, output channels and blocks of each stage of B0; every variant scales these. */
const stages = [
  { kernel: 3, stride: 1, expansion: 1, channels: 16, repeats: 1 },
  { kernel: 3, stride: 2, expansion: 6, channels: 24, repeats: 2 },
  { kernel: 5, stride: 2, expansion: 6, channels: 40, repeats: 2 },
  { kernel: 3, stride: 2, expansion: 6, channels: 80, repeats: 3 },
  { kernel: 5, stride: 1, expansion: 6, channels: 112, repeats: 3 },
  { kernel: 5, stride: 2, expansion: 6, channels: 192, repeats: 4 },
  { kernel: 3, stride: 1, expansion: 6, channels: 320, repeats: 1 },
] as const;
type Stage = (typeof stages)[number];

const stemChannels = 32;
const featureChannels = 1280;

export function efficientNet(options: EfficientNetOptions = {}): EfficientNet {
  const variant = options.variant ?? 'b0';
  if (!Object.hasOwn(variants, variant)) {
    const known = Object.keys(variants).join(', ');
    throw new ParameterError(
      'UNKNOWN_MODEL',
      `efficientNet: variant must be one of ${known}, got ${variant}`,
    );
  }
  const scale: Scaling = { ...variants[variant], ...definedOf(options) };
  const classes = options.classes ?? 1000;
  checkScaling(scale, classes);
  const stemWidth = scaleChannels(stemChannels, scale.width);
  const blocks = buildBlocks(stemWidth, scale);
  const last = blocks.at(-1)?.project.outChannels as number;
  const features = scaleChannels(featureChannels, scale.width);
  return {
    name: `efficientnet-${variant}`,
    options,
    resolution: scale.resolution,
    classes,
    dropout: scale.dropout,
    batchNorm: { epsilon: scale.batchNormEpsilon, momentum: scale.batchNormMomentum },
    convolutionInit: scale.convolutionInit,
    padding: scale.padding,
    stem: unit('stem', 3, stemWidth, { kernel: 3, stride: scale.stemStride }),
    blocks,
    features: unit('features', last, features, {}),
    classifier: { name: 'classifier.fc', inFeatures: features, outFeatures: classes },
  };
}

function buildBlocks(stemWidth: number, scale: Scaling): Block[] {
  const repeats = stages.map((stage) => Math.ceil(stage.repeats * scale.depth));
  const total = repeats.reduce((sum, count) => sum + count, 0);
  const blocks: Block[] = [];
  let channels = stemWidth;
  for (const [index, stage] of stages.entries()) {
    for (let repeat = 0; repeat < (repeats[index] as number); repeat++) {
      const survival = 1 - ((1 - scale.finalSurvival) * blocks.length) / total;
      const name = `layers.${index}.block${repeat}`;
      const block = buildBlock(name, channels, stage, repeat === 0, scale, survival);
      blocks.push(block);
      channels = block.project.outChannels;
    }
  }
  return blocks;
}

function buildBlock(
  name: string,
  inChannels: number,
  { kernel, expansion, channels, ...stage }: Stage,
  isFirst: boolean,
  scale: Scaling,
  survival: number,
): Block {
  const outChannels = scaleChannels(channels, scale.width);
  const hidden = inChannels * expansion;
  const stride = isFirst ? stage.stride : 1;
  const squeezed = Math.max(1, Math.floor(0.25 * (scale.wideSqueeze ? hidden : inChannels)));
  const residual = stride === 1 && inChannels === outChannels;
  return {
    name,
    expand: expansion === 1 ? undefined : unit(`${name}.expand`, inChannels, hidden, {}),
    depthwise: unit(`${name}.depsep`, hidden, hidden, { kernel, stride, depthwise: true }),
    squeeze: { name: `${name}.se.squeeze`, inFeatures: hidden, outFeatures: squeezed },
    excite: { name: `${name}.se.expand`, inFeatures: squeezed, outFeatures: hidden },
    project: unit(`${name}.proj`, hidden, outChannels, { activation: false }),
    residual,
    survival: residual ? survival : 1,
  };
}

function unit(
  name: string,
  inChannels: number,
  outChannels: number,
  { kernel = 1, stride = 1, depthwise = false, activation = true },
): ConvolutionUnit {
  return { name, inChannels, outChannels, kernel, stride, depthwise, activation };
}

function definedOf({ variant, classes, ...scale }: EfficientNetOptions): Partial<Scaling> {
  return Object.fromEntries(Object.entries(scale).filter(([, value]) => value !== undefined));
}
