import type * as ort from 'onnxruntime-web';
import type { NamedTensor, TensorMap } from '../../src/core/trainer.ts';
import { ModelWriter } from '../../src/export/model-writer.ts';
import { nodeWriters } from '../../src/export/node-writers.ts';
import { float32, type Numbers } from '../../src/export/numbers.ts';
import { OnnxGraph } from '../../src/export/onnx-graph.ts';
import { input } from '../../src/graph/kinds/input.ts';
import { modelGraph } from '../../src/graph/model-graph.ts';
import { isKind } from '../../src/graph/node.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { placesOf } from '../../src/quantization/placement.ts';
import { weightRanges } from '../../src/quantization/range.ts';
import { openOnnx } from './onnx.ts';

/** Ranges that hold all values of these images [rows, 3, size, size], and all weights: onnxruntime-web computes the values. */
export async function observedRanges(
  model: EfficientNet,
  weights: TensorMap,
  images: ort.Tensor,
): Promise<TensorMap> {
  const session = await openOnnx(observingFile(model, weights, images.dims));
  const values = await session.run({ images });
  await session.release();
  const { weights: names } = placesOf(model, 'onnxruntime');
  return Object.fromEntries([
    ...Object.entries(values).map(([name, { data }]) => [name, rangeOf(data as Float32Array)]),
    ...names.map((name) => [`weight.${name}`, rangesOf(name, weights[name] as NamedTensor)]),
  ]);
}

const rangeOf = (values: Float32Array): NamedTensor => ({
  shape: [1],
  data: Float32Array.of(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)),
});

function rangesOf(name: string, tensor: NamedTensor): NamedTensor {
  const data = weightRanges(name, tensor);
  return { shape: [data.length], data };
}

/** A float32 file whose outputs are the values of all points. */
function observingFile(model: EfficientNet, weights: TensorMap, shape: readonly number[]): Uint8Array {
  const [, , size = 0] = shape;
  const onnx = new OnnxGraph();
  const numbers: Numbers = {
    ...float32,
    rounded: (_, value, point) => {
      const sizes = ['n', 'c', 'h', 'w'].map((name) => `${point}.${name}`);
      onnx.node('Identity', [value], `point.${point}`);
      onnx.output(`point.${point}`, 'float32', sizes);
      return value;
    },
  };
  const { graph, logits } = modelGraph(model, {
    ...{ rows: 1, height: size, width: size, images: 'f32' },
    quantization: placesOf(model, 'onnxruntime'),
  });
  const writer = new ModelWriter({ onnx, weights, numbers, padding: model.padding, output: logits });
  for (const node of graph.nodes)
    if (isKind(node, input)) writer.finish(node, onnx.input('images', 'float32', shape));
    else nodeWriters.get(node.kind)?.(node as never, writer);
  return onnx.encode({ name: 'points', opset: 17, producer: { name: 'test', version: '1' }, metadata: {} });
}
