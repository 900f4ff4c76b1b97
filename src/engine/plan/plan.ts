import type { DecodeOptions } from '../../../backends/decode/decode.ts';
import type {
  AnyImageOperator,
  AnyOperator,
  BatchOperator,
  DecodeOperator,
  NormalizeOperator,
  TensorOperator,
} from '../../../operators/operator.ts';
import { ParameterError } from '../../core/errors.ts';
import type { Size, TensorFormat } from '../../core/image.ts';
import {
  definitionOf,
  describeStep,
  type Phase,
  phases,
  type Step,
  type StepDescription,
} from '../../core/step.ts';
import type { ErasingSteps } from './erasing.ts';
import { drawProgram, type ImageStep } from './program.ts';

/** A pipeline's steps, sorted into phases and completed by those that are implied. */
export interface Plan {
  readonly decode: PlannedStep;
  readonly image: readonly PlannedStep[];
  readonly normalize: PlannedStep;
  /** What erases parts of rows before they are mixed, and after. */
  readonly erase: PlannedStep | undefined;
  readonly batch: PlannedStep | undefined;
  readonly eraseAfter: PlannedStep | undefined;
}

export interface PlannedStep {
  readonly description: StepDescription;
  readonly operator: AnyOperator;
  readonly isImplied: boolean;
}

/** Adds a step, or throws a ParameterError that names it where the order is wrong. */
export function appendToSteps(steps: readonly Step[], step: Step): readonly Step[] {
  const { name, phase } = step[describeStep];
  const last = steps.at(-1)?.[describeStep];
  if (last === undefined || mayFollow(steps, phase)) return [...steps, step];
  const other = phase === 'image' ? undefined : steps.findLast((one) => one[describeStep].phase === phase);
  const reason =
    other === undefined
      ? `it must come before ${last.name}`
      : `there is one already (${other[describeStep].name})`;
  throw new ParameterError('WRONG_ORDER', `${name}: cannot stand after ${last.name}: ${reason}`);
}

function mayFollow(steps: readonly Step[], phase: Phase): boolean {
  const before = steps.map((step) => step[describeStep].phase);
  const last = before.at(-1) as Phase;
  if (phase === 'tensor') return last !== 'tensor';
  if (last === 'tensor' && before.includes('batch')) return false;
  return phases.indexOf(phase) > phases.indexOf(last) || (phase === 'image' && last === 'image');
}

/** @param implied the decode and normalize steps used where the pipeline names none */
export function makePlan(steps: readonly Step[], implied: { decode: Step; normalize: Step }): Plan {
  const planned = (step: Step, isImplied = false): PlannedStep => ({
    description: step[describeStep],
    operator: step[definitionOf] as AnyOperator,
    isImplied,
  });
  const ofPhase = (phase: Phase) =>
    steps.filter((step) => step[describeStep].phase === phase).map((s) => planned(s));
  const mixing = steps.findIndex((step) => step[describeStep].phase === 'batch');
  const isAfter = (step: Step) => mixing !== -1 && steps.indexOf(step) > mixing;
  const erasing = steps.filter((step) => step[describeStep].phase === 'tensor');
  const erase = erasing.find((step) => !isAfter(step));
  const eraseAfter = erasing.find(isAfter);
  return {
    decode: ofPhase('decode')[0] ?? planned(implied.decode, true),
    image: ofPhase('image'),
    normalize: ofPhase('normalize')[0] ?? planned(implied.normalize, true),
    erase: erase && planned(erase),
    batch: ofPhase('batch')[0],
    eraseAfter: eraseAfter && planned(eraseAfter),
  };
}

export function decodeOptions({ decode: { operator, description } }: Plan): DecodeOptions {
  // biome-ignore lint/suspicious/noExplicitAny: parameters were checked by this operator when the step was made.
  return (operator as DecodeOperator<any>).options(description.parameters as any);
}

export function tensorFormat({ normalize: { operator, description } }: Plan): TensorFormat {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return (operator as NormalizeOperator<any>).format(description.parameters as any);
}

export function imageSteps(plan: Plan): ImageStep[] {
  return plan.image.map(({ description, operator }) => ({
    operator: operator as AnyImageOperator,
    parameters: description.parameters,
  }));
}

export function erasingSteps({ image, erase, eraseAfter }: Plan): ErasingSteps {
  const tensorStep = ({ operator, description }: PlannedStep) => ({
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    operator: operator as TensorOperator<any>,
    parameters: description.parameters,
  });
  return {
    erase: erase && tensorStep(erase),
    eraseAfter: eraseAfter && tensorStep(eraseAfter),
    position: image.length,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
export function batchOperator({ batch }: Plan): BatchOperator<any> | undefined {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return batch?.operator as BatchOperator<any> | undefined;
}

/** Size of every row where the steps fix it, whatever comes in. */
export function fixedSize(plan: Plan): Size | undefined {
  const steps = imageSteps(plan);
  const sizes = steps.map(({ operator, parameters }) => operator.fixedSize?.(parameters));
  const last = sizes.findLastIndex((size) => size !== undefined);
  const size = sizes[last];
  return size && drawProgram(steps.slice(last + 1), size, { seed: 0, epoch: 0, sampleId: 0 }).size;
}
