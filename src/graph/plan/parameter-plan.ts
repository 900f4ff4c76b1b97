import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { optimizerMemories, type QuantizedPlaces, type TrainingSettings } from '../../core/trainer.ts';
import { isDecayed, sizeOf } from '../../models/parameters.ts';
import { type ParameterAttributes, parameter } from '../kinds/parameter.ts';
import { type Graph, isKind, type Node, paddedTo4 } from '../node.ts';
import { type DeviceTraits, gpuTraits } from './device-traits.ts';
import type { Piece, PlacedParameter } from './placed-parameter.ts';
import { planRanges, type RangePlan } from './range-plan.ts';

export interface ParameterPlanOptions {
  /** Which memories there are, whether there is an average, and what is decayed. */
  readonly settings: Pick<TrainingSettings, 'optimizer' | 'emaDecay' | 'batchNormWeightDecay'>;
  /** Whether weights are rounded to float16 for products of matrices. */
  readonly isMixed: boolean;
  /** Default: a GPU without limits. */
  readonly device?: DeviceTraits;
  /** Of the graph's. */
  readonly quantization?: QuantizedPlaces;
}

/** Parameters in flat tensors: one dispatch updates them all. Those that are decayed come first. */
export interface ParameterPlan {
  readonly placed: ReadonlyMap<string, PlacedParameter>;
  /** Values of the trainable parameters, and of those that are decayed. */
  readonly size: number;
  readonly decayed: number;
  readonly weights: ParameterSet;
  /** The moving average of all. */
  readonly average: ParameterSet | undefined;
  readonly gradients: Tensor;
  readonly memories: ReadonlyMap<string, Tensor>;
  /** The loss scale and its counters, and the flag of a gradient that is not finite. */
  readonly state: Tensor;
  readonly flag: Tensor;
  readonly isMixed: boolean;
  readonly device: DeviceTraits;
  /** Ranges of quantised points and weights, where there are any. */
  readonly ranges: RangePlan | undefined;
}

/** Trainable parameters, their copies for convolutions and products, and running statistics. */
export interface ParameterSet {
  readonly values: Tensor;
  /** Rounded to float16 or to ranges; `values` itself where nothing is rounded. */
  readonly copies: Tensor;
  readonly running: Tensor;
}

/** A binding begins at a multiple of 256 bytes: of halves, 128. */
const ALIGNMENT = 128;
const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

export function planParameters(graph: Graph, options: ParameterPlanOptions): ParameterPlan {
  const nodes = graph.nodes.filter((node): node is Node<ParameterAttributes> => isKind(node, parameter));
  const trainable = nodes.filter(({ attributes }) => attributes.isTrainable);
  const { settings, device = gpuTraits(), quantization } = options;
  const place = (list: readonly Node<ParameterAttributes>[], start: number) => placeAll(list, start, device);
  const decays = ({ name }: Node) => isDecayed(name, settings);
  const decayed = place(trainable.filter(decays), 0);
  const others = place(
    trainable.filter((node) => !decays(node)),
    decayed.end,
  );
  const running = place(
    nodes.filter(({ attributes }) => !attributes.isTrainable),
    0,
  );
  const trainables = [...decayed.placed, ...others.placed];
  const size = others.end;
  const tensor = (name: string, purpose: Tensor['purpose'], element: Tensor['element'] = 'f32'): Tensor => ({
    ...{ name, purpose, element, size },
  });
  const set = (name: string, purpose: Tensor['purpose']): ParameterSet => {
    const values = tensor(name, purpose);
    const isRounded = options.isMixed || quantization !== undefined;
    const copies = isRounded ? tensor(`copies of ${name}`, 'copies of weights', 'store') : values;
    return { values, copies, running: { ...tensor(`running, ${name}`, purpose), size: running.end } };
  };
  const memories = optimizerMemories[settings.optimizer].map(
    (memory) => [memory, tensor(memory, 'optimizer')] as const,
  );
  return {
    placed: new Map([...trainables, ...running.placed].map((one) => [one.name, one])),
    size,
    decayed: decayed.end,
    weights: set('weights', 'weights'),
    average: settings.emaDecay === undefined ? undefined : set('average', 'average'),
    gradients: tensor('gradients of weights', 'weight gradients'),
    memories: new Map(memories),
    state: { name: 'loss scale', purpose: 'state', element: 'f32', size: 16 },
    flag: { name: 'flag of gradients', purpose: 'state', element: 'u32', size: 4 },
    isMixed: options.isMixed,
    device,
    ranges: quantization && planRanges(quantization, new Map(trainables.map((one) => [one.name, one])), size),
  };
}

function placeAll(nodes: readonly Node<ParameterAttributes>[], start: number, { hasPanels }: DeviceTraits) {
  const placed: PlacedParameter[] = [];
  let end = start;
  for (const { name, attributes } of nodes) {
    const size = deviceSize(attributes);
    const isInPanels = hasPanels && attributes.layout === 'factors';
    placed.push({ ...attributes, name, offset: end, size, isInPanels });
    end = roundUp(end + size, ALIGNMENT);
  }
  return { placed, end };
}

/** Values on the device: what is padded has zeros up to a multiple of 4. */
function deviceSize({ shape, layout }: ParameterAttributes): number {
  const [rows = 1, ...rest] = shape;
  if (layout === 'factors') return paddedTo4(rows) * paddedTo4(sizeOf(rest));
  return (layout === 'padded' ? paddedTo4(rows) : rows) * sizeOf(rest);
}

/** The pieces of a flat tensor that kernels can bind at once. */
export function piecesOf(size: number, { device }: Pick<ParameterPlan, 'device'>): Piece[] {
  const { largestBinding } = device;
  const most = ALIGNMENT * Math.floor(largestBinding / 4 / ALIGNMENT);
  const pieces: Piece[] = [];
  for (let offset = 0; offset < size; offset += most)
    pieces.push({ offset, size: Math.min(most, size - offset) });
  return pieces;
}

export const viewOfPiece = (tensor: Tensor, { offset, size }: Piece): View => viewOf(tensor, offset, size);
