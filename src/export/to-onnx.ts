import type { TensorMap } from '../core/trainer.ts';
import { inputNames, modelGraph } from '../graph/model-graph.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import { checkTrainerState } from '../trainers/recipe/state-checks.ts';
import type { EvaluationImages } from './evaluation-images.ts';
import { addInput, type ModelInput, opsetOf, outputValue } from './model-inputs.ts';
import { ModelWriter } from './model-writer.ts';
import { nodeWriters } from './node-writers.ts';
import { OnnxGraph } from './onnx-graph.ts';

export interface ToOnnxOptions {
  readonly input: ModelInput;
  readonly images: EvaluationImages;
  /** One name for each output of the model. */
  readonly classes: readonly string[];
  /** Of millrace. */
  readonly version: string;
}

/** A model and its weights as the bytes of an ONNX file. Weights of another model are a TrainerError STATE_MISMATCH. */
export function toOnnx(model: EfficientNet, weights: TensorMap, options: ToOnnxOptions): Uint8Array {
  checkWeights(model, weights);
  const { input, images, version } = options;
  const { size } = images;
  const { graph, logits } = modelGraph(model, { rows: 1, height: size, width: size, images: 'f32' });
  const onnx = new OnnxGraph();
  const writer = new ModelWriter(onnx, weights);
  for (const node of graph.nodes) {
    if (node.name === inputNames.images) writer.finish(node, addInput(input, onnx, images));
    else nodeWriters.get(node.kind)?.(node as never, writer);
  }
  const { type, shape } = outputValue(input, model.classes);
  onnx.output(writer.value(logits), type, shape);
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

/** All that a program needs beside the graph: how to make its input, and what its outputs mean. */
const metadataOf = (
  { name }: EfficientNet,
  { input, images, classes, version }: ToOnnxOptions,
): Record<string, string> => ({
  millrace: version,
  model: name,
  input,
  classes: JSON.stringify(classes),
  imageSize: String(images.size),
  shortSide: String(images.shortSide),
  crop: 'center',
  interpolation: images.interpolation,
  mean: JSON.stringify(images.mean),
  std: JSON.stringify(images.std),
});
