import { depthwise as depthwiseKernel } from '../../../../backends/tensor-kernels/depthwise/depthwise.ts';
import { depthwiseGradients } from '../../../../backends/tensor-kernels/depthwise-gradients/depthwise-gradients.ts';
import { load } from '../../../../backends/tensor-kernels/lazy.ts';
import type { View } from '../../../../backends/tensor-kernels/tensor.ts';
import { marginsOf } from '../../../models/layers.ts';
import type { Window } from '../../kinds/convolution.ts';
import { channelsOf, type Node, rowsOf, type Shape, sampleRowsOf } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { addParts } from './add-parts.ts';

export function lowerDepthwise(node: Node<Window>, plan: Lowering): void {
  const [x, filter] = node.inputs as [Node, Node];
  const out = plan.stored(node.name, 'activations', node.shape);
  const operands = { x: plan.value(x), w: plan.factors(filter), out };
  const parameters = {
    ...windowOf(x.shape, node.shape, node.attributes),
    chunk: plan.device.split.window(node.shape),
  };
  plan.emit({ kernel: depthwiseKernel, label: node.name, work: 'depthwise forward', operands, parameters });
  plan.finish(node, load(out));
}

/** Both gradients in one pass: they read the same pairs of pixels. */
export function lowerDepthwiseGradient(node: Node<Window>, plan: Lowering): void {
  const [gradient, x, filter] = node.inputs as [Node, Node, Node];
  const out = plan.stored(`gradient of ${node.name}`, 'gradients', node.shape);
  const chunk = plan.device.split.window(x.shape);
  const parameters = { ...windowOf(x.shape, gradient.shape, node.attributes), chunk };
  const operands = { g: plan.value(gradient), x: plan.value(x), w: plan.factors(filter), out };
  const makeCall = (filterParts: View) => ({
    kernel: depthwiseGradients,
    operands: { ...operands, filterParts },
    parameters,
  });
  addParts(plan, node.name, chunk, rowsOf(x.shape), filter, 'depthwise gradients', makeCall);
  plan.finish(node, load(out));
}

/** The parameters that tell kernels of a window's two sides. */
export function windowOf(input: Shape, output: Shape, window: Window) {
  const { kernel, stride, padding } = window;
  const [, height = 0, width = 0] = input;
  const [, outHeight = 0, outWidth = 0] = output;
  return {
    ...{ kernel, stride, height, width, outHeight, outWidth, c4: channelsOf(output) / 4 },
    marginTop: marginsOf(height, window, padding).before,
    marginLeft: marginsOf(width, window, padding).before,
    ...{ rows: rowsOf(output), sampleRows: sampleRowsOf(output) },
    ...{ inputRows: rowsOf(input), inputSampleRows: sampleRowsOf(input) },
  };
}
