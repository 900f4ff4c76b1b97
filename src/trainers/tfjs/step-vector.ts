import type { Tensor } from '@tensorflow/tfjs';
import type { ComputedStep } from './compute-step.ts';
import type { Session } from './session.ts';

/** A step's values as one vector: gradients, statistics, loss. */
export function joinValues(values: readonly Float32Array[]): Float32Array {
  const vector = new Float32Array(values.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const one of values) {
    vector.set(one, at);
    at += one.length;
  }
  return vector;
}

/** How many values a step's vector has. */
export const vectorLength = ({ parameters }: Session): number =>
  [...parameters.trainable, ...parameters.running].reduce(
    (total, name) => total + parameters.sizeOf(name),
    1,
  );

/** Gradients and statistics of a step whose parts' vectors have this sum: their mean. */
export function splitSum(
  { parameters, tensorflow: { tf } }: Session,
  sum: Float32Array,
  parts: number,
): Omit<ComputedStep, 'loss'> {
  let at = 0;
  const take = (name: string): Tensor => {
    const values = sum.subarray(at, at + parameters.sizeOf(name)).map((value) => value / parts);
    at += values.length;
    return tf.tensor(values, parameters.tensors.get(name)?.shape, 'float32');
  };
  return { gradients: parameters.trainable.map(take), statistics: parameters.running.map(take) };
}
