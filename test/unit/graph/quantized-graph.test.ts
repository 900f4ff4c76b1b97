import { expect, it } from 'vitest';
import { observe } from '../../../src/graph/kinds/observe.ts';
import { quantize } from '../../../src/graph/kinds/quantize.ts';
import { squeezeExcite } from '../../../src/graph/kinds/squeeze-excite.ts';
import { type GraphOptions, modelGraph } from '../../../src/graph/model-graph.ts';
import { isKind, type Node } from '../../../src/graph/node.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { type Placement, placements, placesOf } from '../../../src/quantization/placement.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, classes: 5, resolution: 32 });
const shape: GraphOptions = { rows: 2, height: 32, width: 32, images: 'f32' };
const nodesOf = (options: Partial<GraphOptions>): Node[] =>
  modelGraph(model, { ...shape, ...options }).graph.nodes;

it.each(placements)('rounds each value of the placement once: %s', (placement: Placement) => {
  const quantization = placesOf(model, placement);
  const nodes = nodesOf({ quantization, training: { labelSmoothing: 0 } });
  const rounded = nodes.filter((node) => isKind(node, quantize)).map(({ name }) => name);
  expect(rounded.toSorted()).toEqual([...quantization.points].toSorted());
});

it('gives all who read a value the rounded one', () => {
  const nodes = nodesOf({ quantization: placesOf(model, 'onnxruntime') });
  const inputs = nodes.filter((node) => isKind(node, quantize)).flatMap((node) => node.inputs);
  const readers = (value: Node) => nodes.filter((node) => node.inputs.includes(value));
  for (const value of inputs) expect(readers(value), value.name).toHaveLength(1);
});

it('keeps observed values and rounds none', () => {
  const observed = placesOf(model, 'onnxruntime').points;
  const nodes = nodesOf({ observed });
  const kept = nodes.filter((node) => isKind(node, observe)).map(({ name }) => name);
  expect(kept.toSorted()).toEqual([...observed].toSorted());
  expect(nodes.some((node) => isKind(node, quantize))).toBe(false);
});

it('takes squeeze and excitation apart only where points stand between', () => {
  const isFused = (options: Partial<GraphOptions>) =>
    nodesOf(options).some((node) => isKind(node, squeezeExcite));
  expect(isFused({})).toBe(true);
  expect(isFused({ quantization: { points: [], weights: [] } })).toBe(false);
  expect(isFused({ observed: [] })).toBe(false);
});

it('names a point that the model has not', () => {
  const quantization = { points: ['images', 'layers.0.nothing'], weights: [] };
  expect(() => nodesOf({ quantization })).toThrow('no value is called layers.0.nothing');
});
