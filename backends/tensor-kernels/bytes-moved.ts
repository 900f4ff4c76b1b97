import { distinctViews, viewsOf } from './lazy.ts';
import { elementBytes, type View } from './tensor.ts';
import { isLazy, specOf, type TensorCall } from './tensor-kernel.ts';

/**
 * Bytes that a call moves at the least. Each part of a tensor counts once if it is read, and once if it is written: an update
 * counts twice.
 */
export function bytesMoved(call: TensorCall, isMixed: boolean): number {
  const { read, written } = viewsByAccess(call);
  return [...distinctViews(read), ...distinctViews(written)].reduce(
    (sum, { size, tensor }) => sum + size * elementBytes(tensor.element, isMixed),
    0,
  );
}

function viewsByAccess(call: TensorCall): { readonly read: View[]; readonly written: View[] } {
  const { operands, epilogue } = call;
  const read = epilogue?.kind === 'sums' ? epilogue.terms.flatMap(viewsOf) : [];
  const written = epilogue === undefined ? [] : [epilogue.parts];
  for (const [name, operand] of Object.entries(operands)) {
    if (isLazy(operand)) {
      read.push(...viewsOf(operand));
      continue;
    }
    const { access } = specOf(call, name);
    if (access !== 'write') read.push(operand);
    if (access !== 'read') written.push(operand);
  }
  return { read, written };
}
