import type { BatchNormAttributes } from '../../graph/kinds/batch-norm.ts';
import type { Window } from '../../graph/kinds/convolution.ts';
import { channelsOf, type Node } from '../../graph/node.ts';
import { channelMap, scaledFilter } from '../fold-batch-norm.ts';
import type { ModelWriter } from '../model-writer.ts';

/** A convolution with its batch norm: the norm goes into weight and bias. */
export function writeConvolution(norm: Node<BatchNormAttributes>, writer: ModelWriter): void {
  const { name, inputs, attributes } = norm;
  const [convolution, ...vectors] = inputs as [Node, ...Node[]];
  const [x, filter] = convolution.inputs as [Node, Node];
  const [scale, shift, mean, variance] = vectors.map((vector) => writer.parameter(vector).data) as Vectors;
  const map = channelMap({ scale, shift, mean, variance }, attributes.epsilon);
  const { onnx } = writer;
  const operands = [
    writer.value(x),
    onnx.constant(`${name}.weight`, filter.shape, scaledFilter(writer.parameter(filter), map)),
    onnx.constant(`${name}.bias`, [map.offset.length], Float32Array.from(map.offset)),
  ];
  writer.finish(norm, onnx.node('Conv', operands, `${name}.normalized`, windowOf(convolution)));
}

type Vectors = [Float32Array, Float32Array, Float32Array, Float32Array];

function windowOf(convolution: Node): Readonly<Record<string, number | number[]>> {
  const [x, filter] = convolution.inputs as [Node, Node];
  const [, inputs = 1, kernel = 1] = filter.shape;
  const { stride = 1 } = convolution.attributes as Partial<Window>;
  const margin = (kernel - 1) / 2;
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [margin, margin, margin, margin],
    group: channelsOf(x.shape) / inputs,
  };
}
