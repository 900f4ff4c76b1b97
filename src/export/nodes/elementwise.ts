import type { Node } from '../../graph/node.ts';
import type { ModelWriter } from '../model-writer.ts';

/** x sigmoid(x): ONNX has SiLU only from opset 24. */
export const writeSilu = (node: Node, writer: ModelWriter): void =>
  writer.finish(node, siluOf(writer.value(node.inputs[0] as Node), node.name, writer));

export function siluOf(value: string, name: string, { onnx }: ModelWriter): string {
  const sigmoid = onnx.node('Sigmoid', [value], `${name}.sigmoid`);
  return onnx.node('Mul', [value, sigmoid], `${name}.activated`);
}

export function writeScaleChannels(node: Node, writer: ModelWriter): void {
  const operands = node.inputs.map((input) => writer.value(input));
  writer.finish(node, writer.onnx.node('Mul', operands, `${node.name}.scaled`));
}

export function writeSpatialMean(node: Node, writer: ModelWriter): void {
  const value = writer.value(node.inputs[0] as Node);
  writer.finish(node, writer.onnx.node('GlobalAveragePool', [value], `${node.name}.pooled`));
}

export function writeAdd(node: Node, writer: ModelWriter): void {
  const operands = node.inputs.map((input) => writer.value(input));
  writer.finish(node, writer.onnx.node('Add', operands, `${node.name}.sum`));
}
