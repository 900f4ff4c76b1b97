import { depthwise as depthwiseKernel } from '../../../../backends/tensor-kernels/depthwise/depthwise.ts';
import { depthwiseGradients } from '../../../../backends/tensor-kernels/depthwise-gradients/depthwise-gradients.ts';
import { load } from '../../../../backends/tensor-kernels/lazy.ts';
import type { Window } from '../../kinds/convolution.ts';
import { channelsOf, type Node, rowsOf, type Shape, sampleRowsOf } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { chunkOf } from '../split.ts';
import { addParts } from './add-parts.ts';

const WORKGROUPS = 1024;
/** A workgroup has 16 groups of 4 channels. */
const columnsOf = (channels: number): number => Math.ceil(channels / 64);

export function lowerDepthwise(node: Node<Window>, plan: Lowering): void {
  const [x, filter] = node.inputs as [Node, Node];
  const out = plan.stored(node.name, 'activations', node.shape);
  const operands = { x: plan.value(x), w: plan.factors(filter), out };
  const parameters = { ...windowOf(x.shape, node.shape, node.attributes), chunk: chunkOfSide(node.shape) };
  plan.emit({ kernel: depthwiseKernel, label: node.name, work: 'depthwise forward', operands, parameters });
  plan.finish(node, load(out));
}

/** Both gradients in one pass: they read the same pairs of pixels. */
export function lowerDepthwiseGradient(node: Node<Window>, plan: Lowering): void {
  const [gradient, x, filter] = node.inputs as [Node, Node, Node];
  const out = plan.stored(`gradient of ${node.name}`, 'gradients', node.shape);
  const chunk = chunkOfSide(x.shape);
  const parameters = { ...windowOf(x.shape, gradient.shape, node.attributes), chunk };
  const operands = { g: plan.value(gradient), x: plan.value(x), w: plan.factors(filter), out };
  const makeCall = (filterParts: typeof out) => ({
    kernel: depthwiseGradients,
    operands: { ...operands, filterParts },
    parameters,
  });
  addParts(plan, node.name, chunk, rowsOf(x.shape), filter, 'depthwise gradients', makeCall);
  plan.finish(node, load(out));
}

const chunkOfSide = (shape: Shape): number =>
  chunkOf(rowsOf(shape), WORKGROUPS / columnsOf(channelsOf(shape)));

/** The parameters that tell kernels of a window's two sides. */
export function windowOf(input: Shape, output: Shape, { kernel, stride }: Window) {
  const [, height = 0, width = 0] = input;
  const [, outHeight = 0, outWidth = 0] = output;
  return {
    ...{ kernel, stride, height, width, outHeight, outWidth, c4: channelsOf(output) / 4 },
    ...{ rows: rowsOf(output), sampleRows: sampleRowsOf(output) },
    ...{ inputRows: rowsOf(input), inputSampleRows: sampleRowsOf(input) },
  };
}
