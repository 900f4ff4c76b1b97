import { load, viewsOf } from '../../../../backends/tensor-kernels/lazy.ts';
import type { TensorCall } from '../../../../backends/tensor-kernels/tensor-kernel.ts';
import type { Node } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { sum } from './lower-elementwise.ts';

/** A sum is stored. Where the call that computes one of the two can add the other, it does so, and nothing more is read. */
export function lowerAdd(node: Node, plan: Lowering): void {
  const [a, b] = node.inputs as [Node, Node];
  if (addedBy(node, plan, a, b) || addedBy(node, plan, b, a)) return;
  plan.finish(node, load(plan.store(node, sum(plan, [a, b]), 'activations')));
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
