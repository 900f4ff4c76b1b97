import { randomFor } from '../../src/core/random.ts';
import type { NamedTensor, TensorMap } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { initialWeights, parametersOf, sizeOf } from '../../src/models/parameters.ts';
import { placesOf } from '../../src/quantization/placement.ts';

/** Weights with batch norms of all kinds: scales of both signs, means and variances of their own. */
export function randomWeights(model: EfficientNet, seed: number): TensorMap {
  const weights = initialWeights(model, seed);
  const entries = parametersOf(model).map(({ name, shape, initial }, i): [string, NamedTensor] => {
    if (initial.kind !== 'constant') return [name, weights[name] as NamedTensor];
    const rng = randomFor(seed, 1, i, 0);
    const [low, high] = limitsOf(name);
    return [
      name,
      { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(low, high)) },
    ];
  });
  return Object.fromEntries(entries);
}

function limitsOf(name: string): readonly [number, number] {
  if (name.endsWith('running_var')) return [0.5, 2];
  return name.endsWith('bn.weight') ? [-1.5, 2.5] : [-0.5, 0.5];
}

/** Ranges that are about those of such weights; a weight's are its largest values. */
export function randomRanges(model: EfficientNet, weights: TensorMap, seed: number): TensorMap {
  const { points, weights: names } = placesOf(model, 'onnxruntime');
  const rng = randomFor(seed, 2, 0, 0);
  const ofPoints = points.map((point): [string, NamedTensor] => {
    const least = point.endsWith('factors') ? 1 : 3;
    return [`point.${point}`, { shape: [1], data: Float32Array.of(least * rng.uniform(0.6, 1.4)) }];
  });
  const ofWeights = names.map((name): [string, NamedTensor] => {
    const data = largestOfOutputs(weights[name] as NamedTensor);
    return [`weight.${name}`, { shape: [data.length], data }];
  });
  return Object.fromEntries([...ofPoints, ...ofWeights]);
}

function largestOfOutputs({ shape, data }: NamedTensor): Float32Array {
  const outputs = shape[0] as number;
  const length = data.length / outputs;
  return Float32Array.from({ length: outputs }, (_, i) =>
    data.subarray(i * length, (i + 1) * length).reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  );
}
