import type { TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { type TensorCall, viewsOfCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import type { TrainingSettings } from '../../core/trainer.ts';
import { differentiate } from '../differentiate.ts';
import type { ModelGraph } from '../model-graph.ts';
import type { Graph, Node } from '../node.ts';
import { Lowering } from './lowering.ts';
import { lowerings } from './lowerings.ts';
import { shareMemory } from './memory.ts';
import { bytesOf } from './memory-use.ts';
import type { ParameterPlan, ParameterSet } from './parameter-plan.ts';
import type { RangePlan } from './range-plan.ts';
import { averageCalls, copyCalls, updateCalls } from './update-calls.ts';

/**
 * Changes of parameters, which no batch's shape matters to: `clear` forgets the gradients, `update` changes the weights,
 * `average` makes their average follow, `load` makes copies of weights that came from outside.
 */
export type ParameterPhase = 'clear' | 'update' | 'average' | 'load';
export type ParameterProgram = TensorProgram<ParameterPhase>;

/** Adds a batch's gradients to those of the weights. */
export interface StepProgram extends TensorProgram<'step'> {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Loss of each row. */
  readonly losses: View;
}

export interface EvaluationProgram extends TensorProgram<'evaluate'> {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** [rows, classes], each row padded to a multiple of 4. */
  readonly logits: View;
  /** Values of observed points, by name: rows padded alike. */
  readonly observed: ReadonlyMap<string, View>;
}

/** @param growthInterval of mixed precision: good updates after which the loss scale doubles */
export function parameterProgram(
  parameters: ParameterPlan,
  settings: TrainingSettings,
  growthInterval?: number,
): ParameterProgram {
  const { weights, average, gradients, memories, state, flag, ranges } = parameters;
  const phases = {
    clear: { clears: [viewOf(gradients)], calls: [] },
    update: { calls: updateCalls(parameters, settings, growthInterval) },
    average: { calls: averageCalls(parameters) },
    load: { calls: copyCalls(parameters, weights) },
  };
  const sets = [weights, ...(average ? [average] : [])].flatMap((set) => Object.values<Tensor>({ ...set }));
  const tensors = [
    ...new Set([...sets, gradients, ...memories.values(), state, flag, ...tensorsOfRanges(ranges)]),
  ];
  return { phases, tensors, allocations: [] };
}

const tensorsOfRanges = (ranges: RangePlan | undefined): Tensor[] =>
  ranges === undefined ? [] : [ranges.ofPoints, ranges.scales, ranges.reciprocals];

/** Differentiates the graph, and plans a training step of it. */
export function stepProgram({ graph, loss }: ModelGraph, parameters: ParameterPlan): StepProgram {
  if (loss === undefined) throw new Error('the graph has no loss');
  differentiate(graph, loss);
  const plan = lower(graph, parameters, parameters.weights);
  const phases = { step: { calls: plan.calls } };
  const losses = plan.saved(loss, 'losses');
  return { phases, inputs: plan.inputs, losses, ...tensorsOf(plan, phases.step.calls, [losses.tensor]) };
}

/** @param set whose weights are evaluated */
export function evaluationProgram(
  { graph, logits }: ModelGraph,
  parameters: ParameterPlan,
  set: ParameterSet,
): EvaluationProgram {
  const plan = lower(graph, parameters, set);
  // the average's copies are made for each evaluation; those of the weights are there
  const calls = set === parameters.weights ? plan.calls : [...copyCalls(parameters, set), ...plan.calls];
  const out = plan.saved(logits, 'out');
  return {
    ...{ phases: { evaluate: { calls } }, inputs: plan.inputs, logits: out, observed: plan.observed },
    ...tensorsOf(plan, calls, [out.tensor]),
  };
}

function lower(graph: Graph, parameters: ParameterPlan, set: ParameterSet): Lowering {
  const plan = new Lowering(graph, parameters, set);
  for (const node of graph.nodes) lowerings.get(node.kind)?.(node as Node<never>, plan);
  return plan;
}

/** All tensors, and how those that live within the calls share memory. */
function tensorsOf(
  { inputs, parameters, observed }: Lowering,
  calls: readonly TensorCall[],
  kept: readonly Tensor[],
) {
  const used = calls.flatMap((call) => viewsOfCall(call)).map(({ tensor }) => tensor);
  const tensors = [...new Set([...inputs.values(), ...used])];
  const isRead = new Set([...kept, ...[...observed.values()].map(({ tensor }) => tensor)]);
  const isKept = (tensor: Tensor) => !isTransient(tensor) || isRead.has(tensor);
  const bytes = (tensor: Tensor) => bytesOf(tensor, parameters.isMixed);
  // each has memory of its own here, which other programs have after this one
  const alone = [...observed.values()].map(({ tensor }) => [tensor]);
  return { tensors, allocations: [...shareMemory(calls, bytes, isKept), ...alone] };
}

const transient: readonly Tensor['purpose'][] = ['activations', 'gradients', 'vectors', 'parts of sums'];
const isTransient = ({ purpose }: Tensor): boolean => transient.includes(purpose);
