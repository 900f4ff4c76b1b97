import type { Epilogue } from '../../../backends/tensor-kernels/epilogue.ts';
import { type Lazy, load } from '../../../backends/tensor-kernels/lazy.ts';
import { materialize } from '../../../backends/tensor-kernels/materialize/materialize.ts';
import { materializeColumns } from '../../../backends/tensor-kernels/materialize-columns/materialize-columns.ts';
import { type Purpose, type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import {
  isLazy,
  specOf,
  type TensorCall,
  viewsOfCall,
} from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { sizeOf } from '../../models/parameters.ts';
import { input } from '../kinds/input.ts';
import { quantizeGradient } from '../kinds/quantize.ts';
import {
  channelsOf,
  type Graph,
  isKind,
  type Node,
  paddedSizeOf,
  paddedTo4,
  rowsOf,
  type Shape,
  sampleRowsOf,
} from '../node.ts';
import type { DeviceTraits } from './device-traits.ts';
import { type ParameterPlan, type ParameterSet, viewOfPiece } from './parameter-plan.ts';

/** A node whose calls are planned: where its value is, and the tensors that its gradient needs. */
interface Lowered {
  readonly value: Lazy;
  readonly saved: Readonly<Record<string, View>>;
}

type Load = Extract<Lazy, { readonly kind: 'load' }>;

/** Plans the calls of a graph, node by node. */
export class Lowering {
  readonly calls: TensorCall[] = [];
  readonly inputs = new Map<string, Tensor>();
  /** Values of the points that are observed. */
  readonly observed = new Map<string, View>();
  readonly parameters: ParameterPlan;
  readonly device: DeviceTraits;
  readonly set: ParameterSet;
  /** The loss scale and its counters. */
  readonly state: View;
  readonly #lowered = new Map<Node, Lowered>();
  readonly #uses = new Map<Node, number>();
  /** The last call so far that writes a tensor, by its place. */
  readonly #makers = new Map<Tensor, number>();

  /** @param set whose parameters the calls take: the weights, or their average */
  constructor(graph: Graph, parameters: ParameterPlan, set: ParameterSet) {
    this.parameters = parameters;
    this.device = parameters.device;
    this.state = viewOf(parameters.state);
    this.set = set;
    for (const { inputs } of graph.nodes)
      for (const one of inputs) this.#uses.set(one, (this.#uses.get(one) ?? 0) + 1);
    for (const node of graph.nodes) if (isKind(node, input)) this.#declareInput(node);
  }

  #declareInput({ name, shape, attributes }: Node<{ readonly element: Tensor['element'] }>): void {
    const size = paddedTo4(sizeOf(shape));
    this.inputs.set(name, { name, purpose: 'inputs', element: attributes.element, size });
  }

  finish(node: Node, value: Lazy, saved: Lowered['saved'] = {}): void {
    this.#lowered.set(node, { value, saved });
  }

  value(node: Node): Lazy {
    return this.#of(node).value;
  }

  /** The tensor that the node's lowering kept under this name. */
  saved(node: Node, name: string): View {
    const view = this.#of(node).saved[name];
    if (view === undefined) throw new Error(`${node.name}: ${node.kind.name} keeps no ${name}`);
    return view;
  }

  #of(node: Node): Lowered {
    const lowered = this.#lowered.get(node);
    if (lowered === undefined) throw new Error(`${node.name}: ${node.kind.name} has no value yet`);
    return lowered;
  }

  uses(node: Node): number {
    return this.#uses.get(node) ?? 0;
  }

  input(node: Node): View {
    return viewOf(this.inputs.get(node.name) as Tensor);
  }

  /** Of an input or a parameter. */
  constants(node: Node): View {
    return isKind(node, input) ? this.input(node) : this.weights(node);
  }

  /** Images, which may have been rounded. */
  images(node: Node): View {
    return isKind(node, input) ? this.input(node) : this.saved(node, 'images');
  }

  /** Of a point that the node is named by. */
  range({ name }: Node): View {
    const range = this.parameters.ranges?.points.get(name);
    if (range === undefined) throw new Error(`${name}: no range of the plan`);
    return range;
  }

  /** Parameters as float32; as factors, which may be rounded; and the place of their gradients. */
  weights({ name }: Node): View {
    const { placed } = this.parameters;
    const one = placed.get(name);
    if (one === undefined) throw new Error(`${name}: no parameter of the plan`);
    return viewOfPiece(one.isTrainable ? this.set.values : this.set.running, one);
  }

  factors(node: Node): View {
    return { ...this.weights(node), tensor: this.set.copies };
  }

  gradient(node: Node): View {
    return { ...this.weights(node), tensor: this.parameters.gradients };
  }

  tensor(name: string, purpose: Purpose, size: number, element: Tensor['element'] = 'f32'): Tensor {
    return { name, purpose, element, size };
  }

  /** A tensor of the shape, kept as activations and the gradients between layers are. */
  stored(name: string, purpose: Purpose, shape: Shape): View {
    return viewOf(this.tensor(name, purpose, paddedSizeOf(shape), 'store'));
  }

  emit(call: TensorCall): void {
    for (const [name, operand] of Object.entries(call.operands))
      if (!isLazy(operand) && specOf(call, name).access !== 'read')
        this.#makers.set(operand.tensor, this.calls.length);
    this.calls.push(call);
  }

  /** The call that computed a tensor. */
  maker(tensor: Tensor): TensorCall | undefined {
    const index = this.#makers.get(tensor);
    return index === undefined ? undefined : this.calls[index];
  }

  /** Whether these views are there when a call is made. */
  isKnownBefore(call: TensorCall, views: readonly View[]): boolean {
    const place = this.calls.indexOf(call);
    return views.every(({ tensor }) => (this.#makers.get(tensor) ?? -1) < place);
  }

  /** Whether the call may bind more views. */
  hasRoomFor(call: TensorCall, views: readonly View[], epilogue?: Epilogue): boolean {
    const terms = epilogue === undefined ? call : { ...call, epilogue };
    const more = { ...terms, operands: { ...call.operands, ...Object.fromEntries(views.entries()) } };
    return viewsOfCall(more).length <= this.device.mostBindings;
  }

  /** The node's value where a kernel wants it stored. */
  materialized(node: Node, purpose: Purpose): View {
    const value = this.value(node);
    return value.kind === 'load' ? value.view : this.store(node, value, purpose, 'residual');
  }

  /** The node's value for a product, whose tiles each read all of it. A batch norm's is stored, where it is read again. */
  factorOf(node: Node): Lazy {
    const value = this.value(node);
    const isNormalized = (value.kind === 'quantize' ? value.of : value).kind === 'normalize';
    const isStored = isNormalized && this.uses(node) > 1 && this.device.stores.activated;
    return isStored ? this.storeOnce(node, 'activations', 'batch norm') : value;
  }

  /** The node's value, stored from now on for all who read it. */
  storeOnce(node: Node, purpose: Purpose, work: string): Load {
    const { value, saved } = this.#of(node);
    if (value.kind === 'load') return value;
    const view = this.store(node, value, purpose, work);
    this.finish(node, load(view), saved);
    return { kind: 'load', view };
  }

  /** The tensor of a node's value, where that is stored and nobody but one reads it: what it becomes may take its place. */
  placeOf(node: Node): View | undefined {
    // it is computed from its gradient where it is read, or is that
    if (isKind(node, quantizeGradient))
      return this.uses(node) === 1 ? this.placeOf(node.inputs[0] as Node) : undefined;
    const value = this.value(node);
    return value.kind === 'load' && this.uses(node) === 1 ? value.view : undefined;
  }

  /** Stores a gradient, in parts whose sums can be taken with it. */
  storeGradient(
    { name, shape }: Node,
    value: Lazy,
    out = this.stored(`gradient of ${name}`, 'gradients', shape),
  ): View {
    this.emit({
      kernel: materializeColumns,
      label: name,
      work: 'activation gradient',
      operands: { x: value, out },
      parameters: { ...extentOf(shape), chunk: this.device.split.columns(shape) },
    });
    return out;
  }

  /**
   * Stores a lazy value.
   * @param work the kind of work, by which the costs of a step are added up
   * @param out where; default: in a tensor of its own
   */
  store(
    { name, shape }: Node,
    value: Lazy,
    purpose: Purpose,
    work: string,
    out = this.stored(name, purpose, shape),
  ): View {
    this.emit({
      kernel: materialize,
      label: name,
      work,
      operands: { x: value, out },
      parameters: extentOf(shape),
    });
    return out;
  }
}

/** The parameters that tell kernels of a tensor's shape. */
export const extentOf = (shape: Shape) => ({
  rows: rowsOf(shape),
  c4: paddedTo4(channelsOf(shape)) / 4,
  sampleRows: sampleRowsOf(shape),
});
