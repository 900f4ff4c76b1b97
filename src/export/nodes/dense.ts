import type { Node } from '../../graph/node.ts';
import type { ModelWriter } from '../model-writer.ts';
import type { FoldedLayer } from '../numbers.ts';

/** An affine map of features [n, c, 1, 1] is a 1x1 convolution, for which runtimes have int8 kernels; the last gives [n, c]. */
export function writeDense(node: Node, writer: ModelWriter): void {
  const { onnx, numbers } = writer;
  const layer = layerOf(node, writer);
  const x = writer.value(node.inputs[0]);
  if (writer.isOutput(node)) {
    const features = onnx.node('Flatten', [x], `${node.name}.features`);
    const operands = [features, ...numbers.operands(onnx, layer)];
    writer.finish(node, onnx.node('Gemm', operands, 'logits', { transB: 1 }));
  } else {
    const operands = [x, ...numbers.operands(onnx, { ...layer, shape: [...layer.shape, 1, 1] })];
    const window = { kernel_shape: [1, 1] };
    writer.finish(node, onnx.node('Conv', operands, `${node.name}.affine`, window));
  }
}

function layerOf({ name, inputs: [, weight, bias] }: Node, writer: ModelWriter): FoldedLayer {
  const { shape, data } = writer.parameter(weight as Node);
  return { name, shape, weight: data, bias: writer.parameter(bias as Node).data };
}
