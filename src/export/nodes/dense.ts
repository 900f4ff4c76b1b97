import type { Node } from '../../graph/node.ts';
import type { ModelWriter } from '../model-writer.ts';

/** The classifier. */
export function writeDense(node: Node, writer: ModelWriter): void {
  const [x, weight, bias] = node.inputs as [Node, Node, Node];
  const { onnx } = writer;
  const operands = [
    onnx.node('Flatten', [writer.value(x)], `${node.name}.features`),
    onnx.constant(weight.name, weight.shape, writer.parameter(weight).data),
    onnx.constant(bias.name, bias.shape, writer.parameter(bias).data),
  ];
  writer.finish(node, onnx.node('Gemm', operands, 'logits', { transB: 1 }));
}
