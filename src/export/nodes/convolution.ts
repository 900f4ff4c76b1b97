import type { BatchNormAttributes } from '../../graph/kinds/batch-norm.ts';
import type { Window } from '../../graph/kinds/convolution.ts';
import { channelsOf, type Node } from '../../graph/node.ts';
import { channelMap, scaledFilter } from '../../models/fold-batch-norm.ts';
import { marginsOf } from '../../models/layers.ts';
import type { ModelWriter } from '../model-writer.ts';
import type { FoldedLayer } from '../numbers.ts';

/** A convolution with its batch norm: the norm goes into weight and bias. */
export function writeConvolution(norm: Node<BatchNormAttributes>, writer: ModelWriter): void {
  const [convolution] = norm.inputs as [Node];
  const { onnx, numbers } = writer;
  const operands = numbers.operands(onnx, foldedLayer(norm, writer));
  const x = writer.value(convolution.inputs[0]);
  const value = onnx.node('Conv', [x, ...operands], `${norm.name}.normalized`, windowOf(convolution));
  writer.finish(norm, value);
}

function foldedLayer(
  { name, inputs, attributes }: Node<BatchNormAttributes>,
  writer: ModelWriter,
): FoldedLayer {
  const [convolution, ...vectors] = inputs as [Node, ...Node[]];
  const filter = writer.parameter(convolution.inputs[1] as Node);
  const [scale, shift, mean, variance] = vectors.map((vector) => writer.parameter(vector).data) as Vectors;
  const map = channelMap({ scale, shift, mean, variance }, attributes.epsilon);
  const bias = Float32Array.from(map.offset);
  return { name, shape: filter.shape, weight: () => scaledFilter(filter, map), bias };
}

type Vectors = [Float32Array, Float32Array, Float32Array, Float32Array];

/** Zeros around the image depend on its size: the file takes images of this size alone. */
function windowOf({ inputs: [x, filter], attributes }: Node) {
  const [, height = 1, width = 1] = x?.shape ?? [];
  const [, inputs = 1, kernel = 1] = filter?.shape ?? [];
  // a pointwise convolution has neither
  const { stride = 1, padding = 'torch' } = attributes as Partial<Window>;
  const vertical = marginsOf(height, { kernel, stride }, padding);
  const horizontal = marginsOf(width, { kernel, stride }, padding);
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
    group: channelsOf(x?.shape ?? []) / inputs,
  };
}
