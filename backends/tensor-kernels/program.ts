import type { Tensor, View } from './tensor.ts';
import type { StepNumber, TensorCall } from './tensor-kernel.ts';

/** A list of calls, made in order. Before them `clears` are filled with zeros, and then `copies` are made. */
export interface Phase {
  readonly clears?: readonly View[];
  readonly copies?: readonly Copy[];
  readonly calls: readonly TensorCall[];
}

/** Gives a view the values of another one, of as many of the same element. */
export interface Copy {
  readonly from: View;
  readonly to: View;
}

/**
 * What executors run: calls of kernels on planned tensors. It knows no device; an executor knows no model. Tensors of one
 * allocation are never in use at the same time.
 */
export interface TensorProgram<PhaseName extends string = string> {
  readonly phases: Readonly<Record<PhaseName, Phase>>;
  readonly tensors: readonly Tensor[];
  /** Tensors that share memory; of those that need none of their own, the list is one long. */
  readonly allocations: readonly (readonly Tensor[])[];
}

export type StepNumbers = Readonly<Record<StepNumber, number>>;
