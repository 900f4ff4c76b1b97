import { sumParts } from '../../../../backends/tensor-kernels/sum-parts/sum-parts.ts';
import { type View, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../../backends/tensor-kernels/tensor-kernel.ts';
import { learns } from '../../kinds/parameter.ts';
import type { Node } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { partsOf } from '../split.ts';

/**
 * Makes a call that computes a filter's gradient in parts, one for each chunk of rows, and adds them to the filter's, if that
 * learns.
 */
export function addParts(
  plan: Lowering,
  label: string,
  chunk: number,
  rows: number,
  filter: Node,
  work: string,
  makeCall: (parts: View) => Omit<TensorCall, 'label' | 'work'>,
): void {
  const gradient = plan.gradient(filter);
  const count = partsOf(rows, chunk);
  const parts = viewOf(plan.tensor(`parts of ${filter.name}`, 'parts of sums', count * gradient.size));
  plan.emit({ ...makeCall(parts), label, work });
  if (!learns(filter)) return;
  const parameters = { parts: count, size4: gradient.size / 4 };
  plan.emit({ kernel: sumParts, label, work, operands: { parts, gradient }, parameters });
}
