import type { StepNumbers } from '../../tensor-kernels/program.ts';
import { numbersOf, type TensorCall } from '../../tensor-kernels/tensor-kernel.ts';

/** The parameters' words, in the order in which the kernel declares them. */
export function immediatesOf(call: TensorCall, step: StepNumbers): Uint32Array<ArrayBuffer> {
  const { parameters } = call.kernel;
  const names = Object.keys(parameters);
  const words = new Uint32Array(names.length);
  const floats = new Float32Array(words.buffer);
  const numbers = numbersOf(call, step);
  for (const [i, name] of names.entries()) {
    const value = numbers[name];
    if (value === undefined) throw new Error(`${call.kernel.name}: ${call.label}: no parameter ${name}`);
    if (parameters[name] === 'f32') floats[i] = value;
    else words[i] = value;
  }
  return words;
}

/** Whether the parameters differ from step to step. */
export const dependsOnStep = ({ parameters }: TensorCall): boolean =>
  Object.values(parameters).some((value) => typeof value === 'string');
