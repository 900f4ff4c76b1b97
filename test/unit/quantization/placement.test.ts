import { expect, it } from 'vitest';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { placements, placesOf } from '../../../src/quantization/placement.ts';

const model = efficientNet({ variant: 'b0' });

it('names each place once', () => {
  for (const placement of placements) {
    const { points, weights } = placesOf(model, placement);
    expect(new Set(points).size).toBe(points.length);
    expect(weights).toHaveLength(82);
  }
});

it('has the inputs of layers and the factors for TensorRT', () => {
  const { points } = placesOf(model, 'tensorrt');
  expect(points.slice(0, 7)).toEqual([
    ...['images', 'stem.activated', 'layers.0.block0.depsep.activated', 'layers.0.block0.pooled'],
    ...['layers.0.block0.se.squeeze.activated', 'layers.0.block0.se.expand.factors'],
    'layers.0.block0.scaled',
  ]);
  expect(points).toContain('layers.1.block1.sum');
  expect(points).not.toContain('layers.1.block1.proj.normalized');
});

it('has an output for each of the 81 convolutions for onnxruntime', () => {
  const { points } = placesOf(model, 'onnxruntime');
  const outputs = points.filter((name) => /\.(normalized|affine)$/.test(name));
  expect(outputs).toHaveLength(81);
});
