import type { Node } from '../../graph/node.ts';
import type { ModelWriter } from '../model-writer.ts';
import { siluOf } from './elementwise.ts';

/** Its affine maps are 1x1 convolutions: runtimes have int8 kernels for these. */
export function writeSqueezeExcite(node: Node, writer: ModelWriter): void {
  const [mean, squeeze, squeezeBias, excite, exciteBias] = node.inputs as [Node, Node, Node, Node, Node];
  const squeezed = affine(writer.value(mean), squeeze, squeezeBias, writer);
  const activated = siluOf(squeezed, layerOf(squeeze), writer);
  const excited = affine(activated, excite, exciteBias, writer);
  writer.finish(node, writer.onnx.node('Sigmoid', [excited], `${layerOf(excite)}.factors`));
}

function affine(value: string, weight: Node, bias: Node, writer: ModelWriter): string {
  const { onnx } = writer;
  const operands = [
    value,
    onnx.constant(weight.name, [...weight.shape, 1, 1], writer.parameter(weight).data),
    onnx.constant(bias.name, bias.shape, writer.parameter(bias).data),
  ];
  return onnx.node('Conv', operands, `${layerOf(weight)}.affine`, { kernel_shape: [1, 1] });
}

const layerOf = ({ name }: Node): string => name.replace(/\.weight$/, '');
