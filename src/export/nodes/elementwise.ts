import type { Node } from '../../graph/node.ts';
import type { ModelWriter } from '../model-writer.ts';

/** x sigmoid(x): ONNX has SiLU only from opset 24. */
export function writeSilu(node: Node, writer: ModelWriter): void {
  const { onnx, numbers } = writer;
  const x = writer.value(node.inputs[0]);
  const sigmoid = numbers.sigmoid(onnx, onnx.node('Sigmoid', [x], `${node.name}.sigmoid`));
  writer.finish(node, onnx.node('Mul', [x, sigmoid], `${node.name}.activated`));
}

export const writeSigmoid = (node: Node, writer: ModelWriter): void =>
  write(node, 'Sigmoid', 'factors', writer);
export const writeScaleChannels = (node: Node, writer: ModelWriter): void =>
  write(node, 'Mul', 'scaled', writer);
export const writeSpatialMean = (node: Node, writer: ModelWriter): void =>
  write(node, 'GlobalAveragePool', 'pooled', writer);
export const writeAdd = (node: Node, writer: ModelWriter): void => write(node, 'Add', 'sum', writer);

function write(node: Node, type: string, name: string, writer: ModelWriter): void {
  const operands = node.inputs.map((input) => writer.value(input));
  writer.finish(node, writer.onnx.node(type, operands, `${node.name}.${name}`));
}

/** Its name is the point's. */
export const writeQuantize = (node: Node, writer: ModelWriter): void =>
  writer.finish(node, writer.numbers.rounded(writer.onnx, writer.value(node.inputs[0]), node.name));
