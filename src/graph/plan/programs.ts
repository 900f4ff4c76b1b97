import type { TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import { elementBytes, type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { type TensorCall, viewsOfCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import type { TrainingSettings } from '../../core/trainer.ts';
import { differentiate } from '../differentiate.ts';
import type { ModelGraph } from '../model-graph.ts';
import type { Graph, Node } from '../node.ts';
import { Lowering } from './lowering.ts';
import { lowerings } from './lowerings.ts';
import { shareMemory } from './memory.ts';
import type { ParameterPlan, ParameterSet } from './parameter-plan.ts';
import { averageCalls, copyCalls, updateCalls } from './update-calls.ts';

/**
 * Phases of a training program: `clear` forgets the gradients, `step` adds those of a batch, `update` changes the weights,
 * `average` follows them, and `load` is for weights that came from outside.
 */
export type TrainingPhase = 'clear' | 'step' | 'update' | 'average' | 'load';

export interface TrainingProgram extends TensorProgram<TrainingPhase> {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Loss of each row. */
  readonly losses: View;
  readonly isMixed: boolean;
}

export interface EvaluationProgram extends TensorProgram<'evaluate'> {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** [rows, classes], each row padded to a multiple of 4. */
  readonly logits: View;
}

export interface TrainingProgramOptions {
  readonly settings: TrainingSettings;
  readonly isMixed: boolean;
  /** Of mixed precision: good updates after which the loss scale doubles. */
  readonly growthInterval?: number;
}

/** Differentiates the graph, and plans a training step of it. */
export function trainingProgram(
  { graph, loss }: ModelGraph,
  parameters: ParameterPlan,
  { settings, isMixed, growthInterval }: TrainingProgramOptions,
): TrainingProgram {
  if (loss === undefined) throw new Error('the graph has no loss');
  differentiate(graph, loss);
  const plan = lower(graph, parameters, parameters.weights);
  const phases = {
    clear: { clears: [viewOf(parameters.gradients)], calls: [] },
    step: { calls: plan.calls },
    update: { calls: updateCalls(parameters, settings, isMixed ? (growthInterval ?? Infinity) : undefined) },
    average: { calls: averageCalls(parameters) },
    load: { calls: copyCalls(parameters.weights) },
  };
  const losses = plan.saved(loss, 'losses');
  return {
    ...{ phases, inputs: plan.inputs, losses, isMixed },
    ...tensorsOf(plan, Object.values(phases), isMixed, [losses.tensor]),
  };
}

/** @param set whose weights are evaluated */
export function evaluationProgram(
  { graph, logits }: ModelGraph,
  parameters: ParameterPlan,
  set: ParameterSet,
  isMixed: boolean,
): EvaluationProgram {
  const plan = lower(graph, parameters, set);
  // the average's copies are made for each evaluation; those of the weights are there
  const calls = set === parameters.weights ? plan.calls : [...copyCalls(set), ...plan.calls];
  const phases = { evaluate: { calls } };
  const out = plan.saved(logits, 'out');
  return {
    ...{ phases, inputs: plan.inputs, logits: out },
    ...tensorsOf(plan, Object.values(phases), isMixed, [out.tensor]),
  };
}

function lower(graph: Graph, parameters: ParameterPlan, set: ParameterSet): Lowering {
  const plan = new Lowering(graph, parameters, set);
  for (const node of graph.nodes) lowerings.get(node.kind)?.(node as Node<never>, plan);
  return plan;
}

interface PhaseOfCalls {
  readonly calls: readonly TensorCall[];
  readonly clears?: readonly View[];
}

/** All tensors, and how those that live within a step share memory. */
function tensorsOf(
  { inputs, calls }: Lowering,
  phases: readonly PhaseOfCalls[],
  isMixed: boolean,
  kept: readonly Tensor[],
) {
  const used = phases.flatMap((phase) => [
    ...(phase.clears ?? []),
    ...phase.calls.flatMap((call) => viewsOfCall(call)),
  ]);
  const tensors = [...new Set([...inputs.values(), ...used.map(({ tensor }) => tensor)])];
  const isKept = (tensor: Tensor) => !isTransient(tensor) || kept.includes(tensor);
  const bytesOf = ({ size, element }: Tensor) => size * elementBytes(element, isMixed);
  return { tensors, allocations: shareMemory(calls, bytesOf, isKept) };
}

const transient: readonly Tensor['purpose'][] = ['activations', 'gradients', 'vectors', 'parts of sums'];
const isTransient = ({ purpose }: Tensor): boolean => transient.includes(purpose);
