import { normalize } from '../../operators/image/normalize.ts';
import { applyOperators } from '../../src/apply.ts';
import type { Batch } from '../../src/core/batch.ts';
import type { RawImage } from '../../src/core/image.ts';
import type { TensorMap } from '../../src/core/trainer.ts';
import { evaluationImages } from '../../src/export/evaluation-images.ts';
import type { ModelInput } from '../../src/export/model-inputs.ts';
import { toOnnx } from '../../src/export/to-onnx.ts';
import type { ExportedQuantization } from '../../src/export/to-onnx-options.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { makeBatch, trainingSettings } from './trainers.ts';

/** A model's file, for bicubic images of its own size. */
export function fileOf(
  model: EfficientNet,
  weights: TensorMap,
  input: ModelInput,
  quantization?: ExportedQuantization,
): Uint8Array {
  const images = evaluationImages({ imageSize: model.resolution, interpolation: 'bicubic' });
  const classes = Array.from({ length: model.classes }, (_, index) => String(index));
  return toOnnx(model, weights, { input, images, classes, version: '1.2.3', quantization });
}

/** Logits by a trainer of this project. */
export async function predict(model: EfficientNet, weights: TensorMap, batch: Batch): Promise<Float32Array> {
  const trainer = createTrainer({ device: 'cpu' });
  try {
    await trainer.prepare(model, { precision: 'float32', seed: 0, settings: trainingSettings });
    await trainer.load({ weights, optimizer: {} });
    return (await trainer.predict?.(batch)) as Float32Array;
  } finally {
    await trainer.close();
  }
}

/** Values of images of one size, [n, h, w, 3]. */
export async function normalized(images: readonly RawImage[]): Promise<Float32Array> {
  const steps = [normalize({ dtype: 'float32' })];
  const tensors = await Promise.all(images.map((image) => applyOperators(image, steps)));
  return Float32Array.from(tensors.flatMap(({ data }) => [...(data as Float32Array)]));
}

/** A batch of values [n, size, size, 3] without labels. */
export function batchOf(images: Float32Array, size: number): Batch {
  const rows = images.length / (3 * size * size);
  return makeBatch({ images, shape: [rows, size, size, 3], labels: new Int32Array(rows).fill(-1) });
}

/** The best class of each row. */
export const bestOf = (logits: Float32Array, classes: number): number[] =>
  Array.from({ length: logits.length / classes }, (_, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });

export const rms = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
