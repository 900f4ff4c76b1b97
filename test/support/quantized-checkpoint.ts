import { join } from 'node:path';
import type { TensorMap } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { type Placement, placesOf } from '../../src/quantization/placement.ts';
import type { Quantization } from '../../src/quantization/quantization.ts';
import { saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { toMetadata } from '../../src/training/checkpoint-metadata.ts';
import { folderOf } from './folders.ts';
import { randomRanges, randomWeights } from './quantized-models.ts';

/** Path of a new checkpoint of a small model that is quantised; `change` makes other ranges. */
export async function quantizedCheckpoint(
  placement: Placement,
  more: Partial<Quantization> = {},
  change: (ranges: TensorMap) => TensorMap = (ranges) => ranges,
): Promise<string> {
  const path = join(folderOf(), 'checkpoint.safetensors');
  const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 32, classes: 3 });
  const weights = randomWeights(model, 1);
  const quantization = { placement, method: 'max', batches: 1, batchSize: 1, digest: '0', ...more } as const;
  const info = { model, classes: ['cat', 'dog', 'fox'], imageSize: 32, interpolation: 'bicubic' } as const;
  const state = { weights, optimizer: {}, quant: change(rangesOf(model, weights, placement)) };
  await saveCheckpoint(path, { state, metadata: toMetadata({ ...info, quantization }) });
  return path;
}

function rangesOf(model: EfficientNet, weights: TensorMap, placement: Placement): TensorMap {
  const { points, weights: names } = placesOf(model, placement);
  const known = new Set([...points.map((name) => `point.${name}`), ...names.map((name) => `weight.${name}`)]);
  const ranges = Object.entries(randomRanges(model, weights, 1));
  return Object.fromEntries(ranges.filter(([name]) => known.has(name)));
}
