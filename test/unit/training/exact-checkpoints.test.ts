import { expect, it } from 'vitest';
import type { TensorMap, Trainer } from '../../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../../src/models/efficientnet.ts';
import type { Placement } from '../../../src/quantization/placement.ts';
import { GraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import type { CheckpointInfo } from '../../../src/training/checkpoint-metadata.ts';
import { quantizationOf } from '../../../src/training/quantized-checkpoint.ts';
import { randomRanges, randomWeights } from '../../support/quantized-models.ts';

const nano = efficientNet({ width: 0.25, depth: 0.34, resolution: 32, classes: 2 });

function preparedWith({
  placement = 'onnxruntime' as Placement,
  levels = undefined as number | undefined,
  model = nano as EfficientNet,
  weights = randomWeights(model, 1) as TensorMap,
  trainer = new GraphTrainer({}) as Trainer,
} = {}) {
  const calibration = { method: 'max', batches: 1, batchSize: 1, digest: '' } as const;
  const quantization = { placement, ...calibration, ...(levels && { levels }) };
  const info = { model, quantization } as unknown as CheckpointInfo;
  const told: string[] = [];
  const tensors = { weights, quant: randomRanges(model, weights, 1) };
  const { quantization: places } = quantizationOf('a.safetensors', info, trainer, tensors, (line) =>
    told.push(line),
  );
  return { isExact: places?.isExact ?? false, told };
}

it('evaluates a checkpoint for onnxruntime exactly', () => {
  expect(preparedWith()).toEqual({ isExact: true, told: [] });
});

it('rounds in float32 for TensorRT, for fewer levels, and where the trainer knows no integers', () => {
  const { evaluatesExactly: _, ...others } = { name: 'own', evaluatesExactly: true };
  const trainer = { ...others, observe: async () => {} } as unknown as Trainer;
  expect(preparedWith({ placement: 'tensorrt' }).isExact).toBe(false);
  expect(preparedWith({ levels: 7 }).isExact).toBe(false);
  expect(preparedWith({ trainer }).isExact).toBe(false);
});

it('rounds in float32 where a sum may leave its integers, and says so', () => {
  const model = efficientNet({ width: 1, depth: 0.2, resolution: 32, classes: 2 });
  const ones = { shape: [2, 1280], data: new Float32Array(2 * 1280).fill(0.5) };
  const weights = { ...randomWeights(model, 1), 'classifier.fc.weight': ones };
  const { isExact, told } = preparedWith({ model, weights });
  expect(isExact).toBe(false);
  expect(told).toEqual([
    expect.stringMatching(/^classifier\.fc: sums of products may reach \d+.*rounding in float32/),
  ]);
});
