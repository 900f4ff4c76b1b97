import type fc from 'fast-check';
import type { AnyImageOperator } from '../../operators/operator.ts';
import * as registry from '../../operators/registry.ts';
import { DataError, ParameterError } from '../../src/core/errors.ts';
import type { RawImage } from '../../src/core/image.ts';
import { definitionOf, describeStep, type Step } from '../../src/core/step.ts';
import type { ExecutorBackend } from '../../src/engine/plan/backend-name.ts';
import { drawProgram, type Program } from '../../src/engine/plan/program.ts';
import type { SampleCoordinates } from '../../src/engine/plan/sample-coordinates.ts';
import { openExecutor } from '../../src/engine/rows/open-executor.ts';
import { anyOptions } from './arbitrary.ts';
import { isWithoutGpu } from './gpu.ts';

/** Every built-in operator by its name, in alphabetical order. */
export const operators = { ...registry };
export type OperatorName = keyof typeof operators;
type Options = Readonly<Record<string, unknown>>;

/** Backends that run operators; the gpu where there is one. */
export const backends: readonly ExecutorBackend[] = [
  'reference',
  'cpu',
  ...(isWithoutGpu ? [] : ['gpu' as const]),
];
export const operatorNames = Object.keys(operators) as OperatorName[];
export const imageOperatorNames = operatorNames.filter((name) => !('phase' in operators[name].definition));

/** Calls the operator of this name, as a user does; it checks the arguments. */
export const callOperator = (name: string, args: readonly unknown[]): Step =>
  (operators[name as OperatorName] as (...args: readonly unknown[]) => Step)(...args);

/** The step that the operator makes of these options: one of them may be passed first and alone. */
export function stepOf(name: OperatorName, options: Options): Step {
  const { positional } = operators[name];
  if (positional === undefined) return callOperator(name, [options]);
  const { [positional]: leading, ...others } = options;
  return callOperator(name, [leading, others]);
}

/** Options that the operator accepts. */
export function validOptions(name: OperatorName): fc.Arbitrary<Options> {
  return anyOptions(operators[name].definition.parameters, 10).filter((options) => isAccepted(name, options));
}

function isAccepted(name: OperatorName, options: Options): boolean {
  try {
    stepOf(name, options);
    return true;
  } catch (error) {
    if (error instanceof ParameterError) return false;
    throw error;
  }
}

export const imageOperatorOf = (step: Step): AnyImageOperator => step[definitionOf] as AnyImageOperator;

/** The step's program for one sample; undefined where the operator says that the image is of no use to it. */
export function programOf(step: Step, image: RawImage, at: SampleCoordinates): Program | undefined {
  const { parameters } = step[describeStep];
  try {
    return drawProgram([{ operator: imageOperatorOf(step), parameters }], image, at);
  } catch (error) {
    if (error instanceof DataError && /^IMAGE_TOO_/.test(error.code)) return undefined;
    throw error;
  }
}

export type Runner = (image: RawImage, program: Program | undefined) => Promise<RawImage | undefined>;

/** Runs programs on one executor of the backend. */
export async function openRunner(backend: ExecutorBackend): Promise<Runner> {
  const executor = await openExecutor(backend);
  return async (image, program) => {
    if (program === undefined) return undefined;
    executor.image(0, image).set(image.data);
    executor.run(0, program.calls);
    const { width, height, data } = await executor.read(0);
    return { width, height, data: Uint8Array.from(data) };
  };
}
