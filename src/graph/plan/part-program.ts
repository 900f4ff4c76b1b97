import type { TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { ModelGraph } from '../model-graph.ts';
import { type Bucket, bucketsOf } from './buckets.ts';
import type { ParameterPlan } from './parameter-plan.ts';
import { type StepProgram, stepProgram } from './programs.ts';

/** What a part of a step makes of the gradients that wait and of the running statistics, which stay as they are. */
export interface PartTensors {
  readonly gradients: Tensor;
  readonly running: Tensor;
}

/**
 * A step of a part: `fresh` or, where gradients wait, `waiting` comes before `step`. The gradients and running statistics are then
 * those that a training would have whose batch is the part. It is the same for a step's parts to begin at the same numbers, and for
 * a single part to have the bits of a whole batch.
 */
export interface PartProgram extends TensorProgram<'fresh' | 'waiting' | 'step'> {
  readonly inputs: StepProgram['inputs'];
  readonly losses: View;
  /** Of its gradients. */
  readonly buckets: readonly Bucket[];
}

export const partTensors = ({ gradients, weights: { running } }: ParameterPlan): PartTensors => ({
  gradients: { ...gradients, name: 'gradients of a part' },
  running: { ...running, name: 'running, of a part', purpose: 'state' },
});

export function partProgram(graph: ModelGraph, parameters: ParameterPlan, own: PartTensors): PartProgram {
  const { gradients, weights } = parameters;
  const ofPart: ParameterPlan = {
    ...parameters,
    gradients: own.gradients,
    weights: { ...weights, running: own.running },
  };
  const step = stepProgram(graph, ofPart);
  const statistics = { from: viewOf(weights.running), to: viewOf(own.running) };
  const waiting = { from: viewOf(gradients), to: viewOf(own.gradients) };
  const fresh = { clears: [waiting.to], copies: [statistics], calls: [] };
  return {
    ...step,
    buckets: bucketsOf(step.phases.step.calls, ofPart),
    phases: { ...step.phases, fresh, waiting: { copies: [statistics, waiting], calls: [] } },
    tensors: [...new Set([...step.tensors, gradients, weights.running, own.gradients, own.running])],
  };
}
