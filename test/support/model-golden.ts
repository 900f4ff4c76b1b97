import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { TensorMap, Trainer, TrainingSettings } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import type { Variant } from '../../src/models/scaling.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { formulaImages } from './formula.ts';
import { makeBatch } from './trainers.ts';

interface ImageSet {
  readonly size: number;
  readonly rows: number;
}

/** What test/golden/make_model_golden.py wrote: PyTorch's logits. */
export interface ModelGolden {
  readonly cases: readonly (ImageSet & { readonly variant: Variant })[];
  readonly tiny: ImageSet & { readonly width: number; readonly depth: number; readonly classes: number };
  /** Logits of checkpoint-of-pytorch.safetensors, and of checkpoint-of-millrace.safetensors as PyTorch read it. */
  readonly pytorch: readonly number[];
  readonly millrace: {
    readonly sha256: string;
    readonly logits: readonly number[];
    /** Of the classes of classify.png, resized to 256 pixels (bicubic) and cropped to 224. */
    readonly probabilities: readonly number[];
  };
}

export const modelGolden: ModelGolden = JSON.parse(readFileSync('test/golden/model.json', 'utf8'));

export function tinyModel(): EfficientNet {
  const { width, depth, classes, size } = modelGolden.tiny;
  return efficientNet({ width, depth, classes, resolution: size });
}

export const settings: TrainingSettings = {
  optimizer: 'sgd',
  momentum: 0.9,
  weightDecay: 0,
  rmspropAlpha: 0.9,
  rmspropEpsilon: 0.01,
  labelSmoothing: 0,
};

/** Logits of the formula's images; the trainer is closed afterwards. */
export async function predict(
  model: EfficientNet,
  weights: TensorMap,
  { size, rows }: ImageSet,
  trainer: Trainer<EfficientNet> = createTrainer(),
): Promise<Float32Array> {
  try {
    await trainer.prepare(model, { precision: 'float32', seed: 0, settings });
    await trainer.load({ weights, optimizer: {} });
    const images = formulaImages('images', rows, size);
    const labels = new Int32Array(rows).fill(-1);
    const batch = makeBatch({ images, shape: [rows, size, size, 3], labels });
    return (await trainer.predict?.(batch)) as Float32Array;
  } finally {
    await trainer.close();
  }
}

/** Differences from the expected logits over their root mean square: the root mean square of all, and the largest. */
export function logitErrors(actual: Float32Array, expected: Float32Array): { all: number; worst: number } {
  const rms = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const differences = expected.map((value, i) => value - (actual[i] as number));
  const worst = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { all: rms(differences) / rms(expected), worst: worst / rms(expected) };
}

/** The largest difference, in standard deviations of the expected logits, is below the tolerance. */
export function expectLogits(actual: Float32Array, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const values = Array.from(expected);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const error = Math.max(...values.map((value, i) => Math.abs(value - (actual[i] as number))));
  expect(error / deviation).toBeLessThan(tolerance);
}
