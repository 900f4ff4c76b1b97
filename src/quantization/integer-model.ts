import { ParameterError } from '../core/errors.ts';
import type { NamedTensor, TensorMap } from '../core/trainer.ts';
import type { Block, ConvolutionUnit, Dense, EfficientNet } from '../models/efficientnet.ts';
import { isDense, type Layer } from '../models/layers.ts';
import { points } from '../models/points.ts';
import { type FoldedLayer, type IntegerLayer, integerLayer, scaleOf } from './integer-layer.ts';
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
 * @throws NOT_CALIBRATED where a range is missing or no positive number, ACCUMULATOR_BOUND where a layer's sums could leave the
 * integers that float32 has
 */
export function integerModel(
  model: EfficientNet,
  weights: TensorMap,
  quant: TensorMap,
  placement: Placement = 'onnxruntime',
): IntegerModel {
  const names = placesOf(model, placement).points;
  const scales = new Map(names.map((name) => [name, scaleOfPoint(quant, name)]));
  const layers = wiresOf(model).map(({ layer, input, output }) =>
    integerLayer({
      ...(isDense(layer) ? foldDense(layer, weights) : foldUnit(layer, weights, model.batchNorm.epsilon)),
      ...{ name: layer.name, ranges: rangesOf(quant, layer, weights), input, output },
      inputScale: scales.get(input) as number,
      outputScale: output === undefined ? undefined : scales.get(output),
    }),
  );
  return { layers: new Map(layers.map((layer) => [layer.name, layer])), scales };
}

/** A layer, and the points that it reads and writes. */
interface Wire {
  readonly layer: Layer;
  readonly input: string;
  readonly output: string | undefined;
}

function wiresOf({ stem, blocks, features, classifier }: EfficientNet): Wire[] {
  const wires = [wireOf(stem, points.images)];
  let last = points.activated(stem);
  for (const block of blocks) {
    wires.push(...wiresOfBlock(block, last));
    last = outputOf(block);
  }
  const result: Wire = { layer: classifier, input: points.features, output: undefined };
  return [...wires, wireOf(features, last), result];
}

/** The point of a block's output. */
export const outputOf = (block: Block): string =>
  block.residual ? points.sum(block) : points.normalized(block.project);

function wiresOfBlock(block: Block, input: string): Wire[] {
  const { expand, depthwise, squeeze, excite, project } = block;
  return [
    ...(expand ? [wireOf(expand, input)] : []),
    wireOf(depthwise, expand ? points.activated(expand) : input),
    { layer: squeeze, input: points.pooled(block), output: points.affine(squeeze) },
    { layer: excite, input: points.activated(squeeze), output: points.affine(excite) },
    wireOf(project, points.scaled(block)),
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
  const vector = (which: string): Float64Array =>
    Float64Array.from(tensorOf(weights, `${name}.bn.${which}`).data);
  const [variance, mean, shift] = [vector('running_var'), vector('running_mean'), vector('bias')];
  const factors = vector('weight').map((scale, i) => scale / Math.sqrt((variance[i] as number) + epsilon));
  const bias = shift.map((value, i) => value - (mean[i] as number) * (factors[i] as number));
  return { weight: tensorOf(weights, `${name}.conv.weight`), factors, bias };
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
