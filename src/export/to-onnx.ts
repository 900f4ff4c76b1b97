import type { TensorMap } from '../core/trainer.ts';
import { input as inputKind } from '../graph/kinds/input.ts';
import { modelGraph } from '../graph/model-graph.ts';
import { isKind } from '../graph/node.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import { integerModel } from '../quantization/integer-model.ts';
import { placesOf } from '../quantization/placement.ts';
import { checkTrainerState } from '../trainers/recipe/state-checks.ts';
import { Int8 } from './int8.ts';
import { metadataOf } from './metadata.ts';
import { addInput, opsetOf, outputValue } from './model-inputs.ts';
import { ModelWriter } from './model-writer.ts';
import { nodeWriters } from './node-writers.ts';
import { float32, type Numbers } from './numbers.ts';
import { OnnxGraph } from './onnx-graph.ts';
import type { ExportedQuantization, ToOnnxOptions } from './to-onnx-options.ts';

/** A model and its weights as the bytes of an ONNX file. Weights of another model are a TrainerError STATE_MISMATCH. */
export function toOnnx(model: EfficientNet, weights: TensorMap, options: ToOnnxOptions): Uint8Array {
  const { input, version, quantization } = options;
  checkWeights(model, weights);
  const onnx = new OnnxGraph();
  const numbers = quantization ? int8(model, weights, quantization) : float32;
  writeGraph(onnx, { model, weights, numbers }, options);
  return onnx.encode({
    name: model.name,
    opset: opsetOf(input),
    producer: { name: 'millrace', version },
    metadata: metadataOf(model, options),
  });
}

const checkWeights = (model: EfficientNet, weights: TensorMap): void =>
  checkTrainerState(
    { weights, optimizer: {} },
    { model, optimizer: 'none', memories: [], hasAverage: false },
  );

const int8 = (
  model: EfficientNet,
  weights: TensorMap,
  { profile, ranges, hasIntegerSigmoid }: ExportedQuantization,
): Numbers => new Int8(integerModel(model, weights, ranges, profile), profile, hasIntegerSigmoid);

interface Content {
  readonly model: EfficientNet;
  readonly weights: TensorMap;
  readonly numbers: Numbers;
}

/** Writes the nodes of the model's evaluation, one after the other. */
function writeGraph(
  onnx: OnnxGraph,
  { model, weights, numbers }: Content,
  { input, images, quantization }: Pick<ToOnnxOptions, 'input' | 'images' | 'quantization'>,
): void {
  const { graph, logits } = modelGraph(model, {
    ...{ rows: 1, height: images.size, width: images.size, images: 'f32' },
    // of no points too: squeeze and excitation are nodes of their own then
    quantization: quantization ? placesOf(model, quantization.profile) : { points: [], weights: [] },
  });
  const writer = new ModelWriter({ onnx, weights, numbers, padding: model.padding, output: logits });
  for (const node of graph.nodes) {
    if (isKind(node, inputKind)) writer.finish(node, addInput(input, onnx, images));
    else nodeWriters.get(node.kind)?.(node as never, writer);
  }
  const { type, shape } = outputValue(input, model.classes);
  onnx.output(writer.value(logits), type, shape);
}
