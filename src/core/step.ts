import type { Observable, OperatorFunction } from 'rxjs';
import type { Batch } from './batch.ts';
import { ParameterError } from './errors.ts';

/**
 * The protocol by which a step and a pipeline know each other without importing each other: a step carries its
 * description under `describeStep`, a pipeline takes steps under `appendStep`.
 */
export const describeStep: unique symbol = Symbol.for('millrace.describeStep');
export const appendStep: unique symbol = Symbol.for('millrace.appendStep');

/**
 * Phases run in this order; a pipeline has at most one decode, one normalize and one batch step, and a tensor step before and
 * after the batch step.
 */
export const phases = ['decode', 'image', 'normalize', 'tensor', 'batch'] as const;
export type Phase = (typeof phases)[number];

/** What a step is, as plain data: a worker thread builds the operator again from it. */
export interface StepDescription {
  readonly name: string;
  /** Raised when an operator's draws or pixels change on purpose: it is part of the pipeline's digest. */
  readonly version: number;
  readonly phase: Phase;
  /** Parameters with defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** URL of the module that exports the operator. */
  readonly module: string;
}

/** Under this a step carries the operator it was made by, for use on this thread. */
export const definitionOf: unique symbol = Symbol.for('millrace.definitionOf');

/** An RxJS operator function that adds itself to a millrace pipeline: `pipeline.pipe(autoAugment(), mixup(0.2))`. */
export interface Step extends OperatorFunction<Batch, Batch> {
  readonly [describeStep]: StepDescription;
  readonly [definitionOf]: unknown;
}

/** What a pipeline offers to steps. */
export interface StepTarget {
  [appendStep](step: Step): Observable<Batch>;
}

export function makeStep(description: StepDescription, definition: unknown): Step {
  const step = ((source: Observable<Batch>) => {
    if (isStepTarget(source)) return source[appendStep](step);
    throw new ParameterError(
      'STEP_OUTSIDE_PIPELINE',
      `${description.name}: works on a pipeline only; put it before RxJS operators such as map or filter`,
    );
  }) as unknown as Step;
  return Object.defineProperties(step, {
    [describeStep]: { value: Object.freeze(description) },
    [definitionOf]: { value: definition },
  });
}

/** Whether this is a pipeline: what takes steps. */
export const isStepTarget = (value: unknown): value is StepTarget =>
  typeof value === 'object' && value !== null && appendStep in value;

export function isStep(value: unknown): value is Step {
  return typeof value === 'function' && describeStep in value;
}

/** Whether a parameter is the description of a step; no other parameter is an object with a phase. */
export function isStepDescription(value: unknown): value is StepDescription {
  return typeof value === 'object' && value !== null && 'phase' in value && 'module' in value;
}
