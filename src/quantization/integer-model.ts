import { LEAST } from '../../backends/tensor-kernels/integers.ts';
import { ParameterError } from '../core/errors.ts';
import type { NamedTensor, TensorMap } from '../core/trainer.ts';
import type { Block, ConvolutionUnit, Dense, EfficientNet } from '../models/efficientnet.ts';
import { channelMap } from '../models/fold-batch-norm.ts';
import { isDense, type Layer } from '../models/layers.ts';
import { points } from '../models/points.ts';
import { type FoldedLayer, type IntegerLayer, integerLayer, LEVELS, scaleOf } from './integer-layer.ts';
import { type Placement, placesOf } from './placement.ts';

/** A model on integers, as onnxruntime computes it: what the exact evaluation and the exported file both have. */
export interface IntegerModel {
  /** Convolutions and linear layers, by name. */
  readonly layers: ReadonlyMap<string, IntegerLayer>;
  /** Of each point of the placement: its values are integers times this. */
  readonly scales: ReadonlyMap<string, number>;
}

/**
 * @param quant largest absolute values, as a state's part `quant` has them
 * @param placement without rounded outputs of layers, as `tensorrt` is, layers have no `outputScale`
 * @throws NOT_CALIBRATED where a range is missing or no positive number
 */
export function integerModel(
  model: EfficientNet,
  weights: TensorMap,
  quant: TensorMap,
  placement: Placement = 'onnxruntime',
): IntegerModel {
  const names = placesOf(model, placement).points;
  const scales = new Map(names.map((name) => [name, scaleOfPoint(quant, name)]));
  const layers = wiresOf(model).map((wire) => {
    const { layer, input, output } = wire;
    return integerLayer({
      ...(isDense(layer) ? foldDense(layer, weights) : foldUnit(layer, weights, model.batchNorm.epsilon)),
      ...{ name: layer.name, ranges: rangesOf(quant, layer, weights), input, output },
      inputScale: scales.get(input) as number,
      leastInput: leastInputOf(wire, scales),
      outputScale: output === undefined ? undefined : scales.get(output),
    });
  });
  return { layers: new Map(layers.map((layer) => [layer.name, layer])), scales };
}

/** Float32 has all integers below. */
const BOUND = 2 ** 24;

/** Throws ACCUMULATOR_BOUND where a layer's sums could leave the integers that float32 has: they would not be exact. */
export function checkBounds({ layers }: IntegerModel): void {
  for (const { name, bound } of layers.values()) {
    if (bound < BOUND) continue;
    const message = `${name}: sums of products may reach ${bound}; float32 has all integers below ${BOUND} alone`;
    throw new ParameterError('ACCUMULATOR_BOUND', message);
  }
}

/** A layer, and the points that it reads and writes. */
interface Wire {
  readonly layer: Layer;
  readonly input: string;
  readonly output: string | undefined;
  /** Where its input's values come from SiLU: the point behind that, and of factors in 0..1 that they were multiplied by. */
  readonly silu?: { readonly point: string; readonly factors?: string };
}

/** SiLU is above, with a sigmoid in int8 too. */
const LEAST_SILU = -0.29;

/** The least integer that a layer may read. */
function leastInputOf({ input, silu }: Wire, scales: IntegerModel['scales']): number {
  if (silu === undefined) return LEAST;
  const scaleAt = (point: string): number => scales.get(point) as number;
  const factor = silu.factors === undefined ? 1 : LEVELS * scaleAt(silu.factors);
  // each rounding on the way may add a step
  const least = (LEAST_SILU - scaleAt(silu.point)) * factor;
  return Math.max(LEAST, Math.floor(least / scaleAt(input)) - 1);
}

function wiresOf({ stem, blocks, features, classifier }: EfficientNet): Wire[] {
  const wires = [wireOf(stem, points.images)];
  let last = points.activated(stem);
  for (const block of blocks) {
    wires.push(...wiresOfBlock(block, last));
    last = outputOf(block);
  }
  const result: Wire = {
    ...{ layer: classifier, input: points.features, output: undefined },
    silu: { point: points.activated(features) },
  };
  return [...wires, wireOf(features, last), result];
}

/** The point of a block's output. */
export const outputOf = (block: Block): string =>
  block.residual ? points.sum(block) : points.normalized(block.project);

function wiresOfBlock(block: Block, input: string): Wire[] {
  const { expand, depthwise, squeeze, excite, project } = block;
  const spread = points.activated(depthwise);
  const squeezed = points.activated(squeeze);
  const scaled = { point: spread, factors: points.factors(block) };
  return [
    ...(expand ? [wireOf(expand, input)] : []),
    expand
      ? { ...wireOf(depthwise, points.activated(expand)), silu: { point: points.activated(expand) } }
      : wireOf(depthwise, input),
    {
      ...{ layer: squeeze, input: points.pooled(block), output: points.affine(squeeze) },
      silu: { point: spread },
    },
    {
      ...{ layer: excite, input: squeezed, output: points.affine(excite) },
      silu: { point: squeezed },
    },
    { ...wireOf(project, points.scaled(block)), silu: scaled },
  ];
}

const wireOf = (layer: ConvolutionUnit, input: string): Wire => ({
  ...{ layer, input, output: points.normalized(layer) },
});

type Folded = Pick<FoldedLayer, 'weight' | 'factors' | 'bias'>;

const foldDense = ({ name }: Dense, weights: TensorMap): Folded => ({
  weight: tensorOf(weights, `${name}.weight`),
  factors: undefined,
  bias: Float64Array.from(tensorOf(weights, `${name}.bias`).data),
});

function foldUnit({ name }: ConvolutionUnit, weights: TensorMap, epsilon: number): Folded {
  const vector = (which: string): Float32Array => tensorOf(weights, `${name}.bn.${which}`).data;
  const { factor, offset } = channelMap(
    {
      ...{ scale: vector('weight'), shift: vector('bias') },
      ...{ mean: vector('running_mean'), variance: vector('running_var') },
    },
    epsilon,
  );
  return { weight: tensorOf(weights, `${name}.conv.weight`), factors: factor, bias: offset };
}

function tensorOf(weights: TensorMap, name: string): NamedTensor {
  const tensor = weights[name];
  if (tensor === undefined) throw new ParameterError('STATE_MISMATCH', `the model's ${name} is missing`);
  return tensor;
}

function scaleOfPoint(quant: TensorMap, point: string): number {
  const range = quant[`point.${point}`]?.data[0];
  const scale = scaleOf(range ?? 0);
  // what is no number fails too
  if (scale > 0 && scale < Number.POSITIVE_INFINITY) return scale;
  const found = range === undefined ? 'none' : String(range);
  throw new ParameterError('NOT_CALIBRATED', `${point}: its range must be a positive number, got ${found}`);
}

function rangesOf(quant: TensorMap, layer: Layer, weights: TensorMap): Float32Array {
  const name = `${layer.name}.${isDense(layer) ? 'weight' : 'conv.weight'}`;
  const ranges = quant[`weight.${name}`]?.data ?? new Float32Array();
  const outputs = tensorOf(weights, name).shape[0];
  const isRight = ranges.length === outputs && ranges.every((range) => range >= 0 && Number.isFinite(range));
  if (isRight) return ranges;
  throw new ParameterError('NOT_CALIBRATED', `${name}: expected ${outputs} ranges, one for each output`);
}
