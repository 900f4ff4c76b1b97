import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { StepNumber } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { optimizerMemories, type QuantizedPlaces, type TrainingSettings } from '../../core/trainer.ts';
import { isDecayed, isOfClassifier, sizeOf } from '../../models/parameters.ts';
import { learns, type ParameterAttributes, parameter } from '../kinds/parameter.ts';
import { type Graph, isKind, type Node, paddedTo4 } from '../node.ts';
import { type DeviceTraits, gpuTraits } from './device-traits.ts';
import type { Piece, PlacedParameter } from './placed-parameter.ts';
import { planRanges, type RangePlan } from './range-plan.ts';

export interface ParameterPlanOptions {
  /** Which memories there are, whether there is an average, and what is decayed. */
  readonly settings: Pick<TrainingSettings, 'optimizer' | 'emaDecay' | 'batchNormWeightDecay' | 'bodyRate'>;
  /** Whether weights are rounded to float16 for products of matrices. */
  readonly isMixed: boolean;
  /** Default: a GPU without limits. */
  readonly device?: DeviceTraits;
  /** Of the graph's. */
  readonly quantization?: QuantizedPlaces;
}

/** Parameters side by side that one dispatch updates, by one learning rate. */
export interface Stretch extends Piece {
  /** So many values at its beginning are decayed. */
  readonly decayed: number;
  readonly rate: Extract<StepNumber, 'learningRate' | 'bodyLearningRate'>;
}

/** Parameters in flat tensors. Those that do not learn come last. */
export interface ParameterPlan {
  readonly placed: ReadonlyMap<string, PlacedParameter>;
  /** Of the trainable parameters: those that learn. */
  readonly stretches: readonly Stretch[];
  /** How many values training changes: of the trainable parameters, and of the running statistics. */
  readonly learning: { readonly values: number; readonly running: number };
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
  const values = new Placement(device);
  const stretches = placeStretches(trainable.filter(learns), values, settings);
  const learnedValues = values.end;
  values.place(trainable.filter((node) => !learns(node)));
  const running = new Placement(device);
  const statistics = nodes.filter(({ attributes }) => !attributes.isTrainable);
  running.place(statistics.filter((node) => !isFrozen(node)));
  const learnedRunning = running.end;
  running.place(statistics.filter(isFrozen));
  const size = values.end;
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
    placed: byName([...values.placed, ...running.placed]),
    stretches,
    learning: { values: learnedValues, running: learnedRunning },
    weights: set('weights', 'weights'),
    average: settings.emaDecay === undefined ? undefined : set('average', 'average'),
    gradients: tensor('gradients of weights', 'weight gradients'),
    memories: new Map(memories),
    state: { name: 'loss scale', purpose: 'state', element: 'f32', size: 16 },
    flag: { name: 'flag of gradients', purpose: 'state', element: 'u32', size: 4 },
    isMixed: options.isMixed,
    device,
    ranges: quantization && planRanges(quantization, byName(values.placed), size),
  };
}

const byName = (placed: readonly PlacedParameter[]) => new Map(placed.map((one) => [one.name, one]));

type ParameterNode = Node<ParameterAttributes>;

const isFrozen = ({ attributes }: ParameterNode): boolean => attributes.isFrozen ?? false;

/** Parameters are placed one after the other, where bindings may begin. */
class Placement {
  readonly placed: PlacedParameter[] = [];
  end = 0;
  readonly #device: DeviceTraits;

  constructor(device: DeviceTraits) {
    this.#device = device;
  }

  place(nodes: readonly ParameterNode[]): void {
    for (const { name, attributes } of nodes) {
      const size = deviceSize(attributes);
      const isInPanels = this.#device.hasPanels && attributes.layout === 'factors';
      this.placed.push({ ...attributes, name, offset: this.end, size, isInPanels });
      this.end = roundUp(this.end + size, ALIGNMENT);
    }
  }
}

/** One stretch or, where the classifier has a rate of its own, two; in each, what is decayed comes first. */
function placeStretches(
  nodes: readonly ParameterNode[],
  placement: Placement,
  { bodyRate = 1, ...settings }: ParameterPlanOptions['settings'],
): Stretch[] {
  const stretch = (rate: Stretch['rate'], list: readonly ParameterNode[]): Stretch => {
    const offset = placement.end;
    const decays = ({ name }: Node) => isDecayed(name, settings);
    placement.place(list.filter(decays));
    const decayed = placement.end - offset;
    placement.place(list.filter((node) => !decays(node)));
    return { offset, size: placement.end - offset, decayed, rate };
  };
  if (bodyRate === 1) return [stretch('learningRate', nodes)];
  const stretches = [
    stretch(
      'bodyLearningRate',
      nodes.filter(({ name }) => !isOfClassifier(name)),
    ),
    stretch(
      'learningRate',
      nodes.filter(({ name }) => isOfClassifier(name)),
    ),
  ];
  // one of them may be frozen
  return stretches.filter(({ size }) => size > 0);
}

/** Values on the device: what is padded has zeros up to a multiple of 4. */
function deviceSize({ shape, layout }: ParameterAttributes): number {
  const [rows = 1, ...rest] = shape;
  if (layout === 'factors') return paddedTo4(rows) * paddedTo4(sizeOf(rest));
  return (layout === 'padded' ? paddedTo4(rows) : rows) * sizeOf(rest);
}

/** The pieces of a stretch of a flat tensor that kernels can bind at once. */
export function piecesOf({ offset, size }: Piece, { device }: Pick<ParameterPlan, 'device'>): Piece[] {
  const { largestBinding } = device;
  const most = ALIGNMENT * Math.floor(largestBinding / 4 / ALIGNMENT);
  const pieces: Piece[] = [];
  for (let start = 0; start < size; start += most)
    pieces.push({ offset: offset + start, size: Math.min(most, size - start) });
  return pieces;
}

export const viewOfPiece = (tensor: Tensor, { offset, size }: Piece): View => viewOf(tensor, offset, size);
