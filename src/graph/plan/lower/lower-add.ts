import {
  add,
  distinctViews,
  inputsOf,
  type Lazy,
  load,
  viewsOf,
} from '../../../../backends/tensor-kernels/lazy.ts';
import type { View } from '../../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../../backends/tensor-kernels/tensor-kernel.ts';
import { sizeOf } from '../../../models/parameters.ts';
import type { Node } from '../../node.ts';
import type { Lowering } from '../lowering.ts';

/**
 * Where the call that computes one of the two can add the other, it does so, and nothing more is read. Otherwise the sum is
 * stored, since a reader would read two tensors. Where one of the two is the same for all rows of a sample, a reader reads one.
 */
export function lowerAdd(node: Node, plan: Lowering): void {
  const [a, b] = node.inputs as [Node, Node];
  if (addedBy(node, plan, a, b) || addedBy(node, plan, b, a)) return;
  const value = add(plan.value(a), plan.value(b));
  const size = sizeOf(node.shape);
  const isTwo = distinctViews(summed(value)).filter((view) => view.size === size).length > 1;
  plan.finish(node, isTwo ? load(plan.store(node, value, 'activations', 'residual')) : value);
}

/** The tensors whose values are summed: not those that only say where a gradient passes. */
function summed(value: Lazy): View[] {
  if (value.kind === 'withinRange') return [];
  return value.kind === 'load' ? [value.view] : inputsOf(value).flatMap(summed);
}

/** Has the call that computes `computed`, which nobody else reads, add `other`. */
function addedBy(node: Node, plan: Lowering, other: Node, computed: Node): boolean {
  const [value, more] = [plan.value(computed), plan.value(other)];
  if (value.kind !== 'load' || plan.uses(computed) > 1) return false;
  const call = plan.maker(value.view.tensor);
  if (call === undefined || !canAdd(call)) return false;
  const views = viewsOf(more);
  if (!plan.isKnownBefore(call, views) || !plan.hasRoomFor(call, views)) return false;
  call.operands['add'] = more;
  plan.finish(node, value);
  return true;
}

const canAdd = ({ kernel, operands, epilogue }: TensorCall): boolean =>
  'add' in kernel.operands && operands['add'] === undefined && epilogue === undefined;
