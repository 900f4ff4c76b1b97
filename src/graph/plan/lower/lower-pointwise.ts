import { type Lazy, load } from '../../../../backends/tensor-kernels/lazy.ts';
import { pointwise as pointwiseKernel } from '../../../../backends/tensor-kernels/pointwise/pointwise.ts';
import { pointwiseFilterGradient } from '../../../../backends/tensor-kernels/pointwise-filter-gradient/pointwise-filter-gradient.ts';
import { pointwiseInputGradient } from '../../../../backends/tensor-kernels/pointwise-input-gradient/pointwise-input-gradient.ts';
import type { View } from '../../../../backends/tensor-kernels/tensor.ts';
import { learns } from '../../kinds/parameter.ts';
import { channelsOf, type Node, paddedTo4, rowsOf, type Shape, sampleRowsOf } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { addParts } from './add-parts.ts';

export function lowerPointwise(node: Node, plan: Lowering): void {
  const [x, filter] = node.inputs as [Node, Node];
  const out = plan.stored(node.name, 'activations', node.shape);
  const operands = { x: plan.factorOf(x), w: plan.factors(filter), out };
  const parameters = productOf(plan, x.shape, channelsOf(node.shape));
  plan.emit({ kernel: pointwiseKernel, label: node.name, work: '1x1 forward', operands, parameters });
  plan.finish(node, load(out));
}

/** Parameters of a product of x with n outputs. */
export function productOf({ device }: Lowering, x: Shape, n: number) {
  const rows = rowsOf(x);
  const chunk = device.split.product(rows, n);
  return { rows, n4: n / 4, k4: paddedTo4(channelsOf(x)) / 4, sampleRows: sampleRowsOf(x), chunk };
}

export function lowerPointwiseGradient(node: Node, plan: Lowering): void {
  const [gradient, x, filter] = node.inputs as [Node, Node, Node];
  const g = plan.value(gradient);
  filterGradient(plan, node.name, { g, n: channelsOf(gradient.shape) }, x, filter);
  if (plan.uses(node) === 0) return;
  const out = plan.stored(`gradient of ${node.name}`, 'gradients', node.shape);
  inputGradient(plan, node.name, g, gradient.shape, filter, out);
  plan.finish(node, load(out));
}

export function inputGradient(
  plan: Lowering,
  label: string,
  g: Lazy,
  shape: Shape,
  filter: Node,
  out: View,
): void {
  const parameters = productOf(plan, shape, out.size / rowsOf(shape));
  const operands = { g, w: plan.factors(filter), out };
  plan.emit({ kernel: pointwiseInputGradient, label, work: '1x1 input gradient', operands, parameters });
}

/** Nothing, where the filter does not learn. @param of the output's gradient, and its channels */
export function filterGradient(
  plan: Lowering,
  label: string,
  { g, n }: { readonly g: Lazy; readonly n: number },
  x: Node,
  filter: Node,
): void {
  if (!learns(filter)) return;
  const [rows, k] = [rowsOf(x.shape), paddedTo4(channelsOf(x.shape))];
  const chunk = plan.device.split.filterGradient(rows, n, k);
  const parameters = { rows, n4: n / 4, k4: k / 4, sampleRows: sampleRowsOf(x.shape), chunk };
  const call = { kernel: pointwiseFilterGradient, parameters };
  const operands = { g, x: plan.value(x) };
  const work = '1x1 filter gradient';
  if (plan.device.addsInPlace && chunk >= rows)
    plan.emit({ ...call, operands: { ...operands, gradient: plan.gradient(filter) }, label, work });
  else
    addParts(plan, label, chunk, rows, filter, work, (parts) => ({
      ...call,
      operands: { ...operands, parts },
    }));
}
