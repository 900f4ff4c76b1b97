import { load } from '../../../../backends/tensor-kernels/lazy.ts';
import { stem as stemKernel } from '../../../../backends/tensor-kernels/stem/stem.ts';
import { stemFilterGradient } from '../../../../backends/tensor-kernels/stem-filter-gradient/stem-filter-gradient.ts';
import type { Window } from '../../kinds/convolution.ts';
import { type Node, rowsOf } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { addParts } from './add-parts.ts';
import { windowOf } from './lower-depthwise.ts';

export function lowerStem(node: Node<Window>, plan: Lowering): void {
  const [images, filter] = node.inputs as [Node, Node];
  const out = plan.stored(node.name, 'activations', node.shape);
  const operands = { images: plan.images(images), w: plan.factors(filter), out };
  const parameters = {
    ...windowOf(images.shape, node.shape, node.attributes),
    chunk: plan.device.split.window(node.shape),
  };
  plan.emit({ kernel: stemKernel, label: node.name, work: 'stem', operands, parameters });
  plan.finish(node, load(out));
}

export function lowerStemGradient(node: Node<Window>, plan: Lowering): void {
  const [gradient, images, filter] = node.inputs as [Node, Node, Node];
  const chunk = plan.device.split.window(gradient.shape);
  const parameters = { ...windowOf(images.shape, gradient.shape, node.attributes), chunk };
  const operands = { g: plan.value(gradient), images: plan.images(images) };
  const rows = rowsOf(gradient.shape);
  addParts(plan, node.name, chunk, rows, filter, 'stem gradient', (parts) => ({
    kernel: stemFilterGradient,
    operands: { ...operands, parts },
    parameters,
  }));
}
