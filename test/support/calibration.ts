import type { Batch } from '../../src/core/batch.ts';
import type { NamedTensor, QuantizedPlaces, TensorMap, Trainer } from '../../src/core/trainer.ts';

/** Ranges of a prepared trainer, by the largest values that it has for a batch, times a factor. */
export async function rangesByLargest(
  trainer: Pick<Trainer, 'observe' | 'state'>,
  batch: Batch,
  { points, weights }: QuantizedPlaces,
  factor = 1,
): Promise<Record<string, NamedTensor>> {
  const largest = new Map<string, number>();
  await trainer.observe?.(batch, points, (point, values) =>
    largest.set(point, largestOf(values, largest.get(point))),
  );
  const state = await trainer.state();
  return {
    ...Object.fromEntries([...largest].map(([point, one]) => [`point.${point}`, rangeOf([factor * one])])),
    ...rangesOfWeights(state.weights, weights, factor),
  };
}

export const rangeOf = (largest: readonly number[]): NamedTensor => ({
  shape: [largest.length],
  data: Float32Array.from(largest),
});

export function rangesOfWeights(
  tensors: TensorMap,
  weights: readonly string[],
  factor = 1,
): Record<string, NamedTensor> {
  const entries = weights.map((weight) => {
    const { shape, data } = tensors[weight] as NamedTensor;
    const outputs = shape[0] as number;
    const inputs = data.length / outputs;
    const ofOutput = (i: number) => factor * largestOf(data.subarray(i * inputs, (i + 1) * inputs));
    return [`weight.${weight}`, rangeOf(Array.from({ length: outputs }, (_, i) => ofOutput(i)))] as const;
  });
  return Object.fromEntries(entries);
}

const largestOf = (values: Float32Array, start = 0): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), start);
