import type { Tensor } from '../../../backends/tensor-kernels/tensor.ts';
import { isLazy, specOf, type TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import type { ParameterPlan } from './parameter-plan.ts';

/** Gradients side by side, which are final before the last calls are made. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  /** So many calls are made by then. */
  readonly after: number;
}

/** About so many are of one size: fewer would come late, and each has a cost of its own. */
const PIECES = 8;

/**
 * Which gradients can be taken before all are there, in the order in which they are final: those of the last layers come first. What
 * is final last is in none. Nor is what is not decayed: small tensors of all layers lie together there.
 */
export function bucketsOf(
  calls: readonly TensorCall[],
  { gradients, stretches, learning }: Pick<ParameterPlan, 'gradients' | 'stretches' | 'learning'>,
): Bucket[] {
  const writes = writesTo(gradients, calls);
  const end = Math.max(...writes.map(({ after }) => after));
  return stretches
    .flatMap(({ offset, decayed }) => cut(writes, offset, offset + decayed, learning.values / PIECES))
    .filter(({ after }) => after < end)
    .sort((a, b) => a.after - b.after);
}

interface Write {
  readonly offset: number;
  readonly after: number;
}

/** Calls that write to a tensor, by place. */
function writesTo(tensor: Tensor, calls: readonly TensorCall[]): Write[] {
  const writes = calls.flatMap((call, i) =>
    Object.entries(call.operands).flatMap(([name, operand]) =>
      !isLazy(operand) && operand.tensor === tensor && specOf(call, name).access !== 'read'
        ? [{ offset: operand.offset, after: i + 1 }]
        : [],
    ),
  );
  return writes.sort((a, b) => a.offset - b.offset);
}

/** Whole parameters of a range, from its end on in pieces that are no smaller than `least`, but for the last. */
function cut(writes: readonly Write[], from: number, to: number, least: number): Bucket[] {
  const pieces: Bucket[] = [];
  let [end, after] = [to, 0];
  for (const write of writes.filter(({ offset }) => offset >= from && offset < to).reverse()) {
    after = Math.max(after, write.after);
    if (end - write.offset < least && write.offset > from) continue;
    pieces.push({ from: write.offset, to: end, after });
    [end, after] = [write.offset, 0];
  }
  return pieces;
}
