import type { Epilogue } from './epilogue.ts';
import { isSame, viewsOf } from './lazy.ts';
import type { View } from './tensor.ts';
import { isLazy, type OperandSpec, specOf, type TensorCall } from './tensor-kernel.ts';

/** A tensor, or a part of one, that a shader binds. */
export interface Binding {
  readonly view: View;
  readonly access: OperandSpec['access'];
  /** Values that the shader takes at a time. */
  readonly width: 1 | 4;
  /** Of an atomic operand: its name. */
  readonly atomic?: string;
}

/** What a call's shader binds, in the order of its binding numbers: each view once. */
export function bindingsOf(call: TensorCall): Binding[] {
  const bindings: Binding[] = [];
  const bind = (view: View, access: OperandSpec['access'], width: 1 | 4, operand = ''): void => {
    const known = bindings.findIndex((other) => isSame(other.view, view));
    if (known < 0) bindings.push({ view, access, width, ...(access === 'atomic' && { atomic: operand }) });
    else bindings[known] = merged(bindings[known] as Binding, access, width);
  };
  for (const [name, operand] of Object.entries(call.operands)) {
    const { access, width } = specOf(call, name);
    if (isLazy(operand)) for (const view of viewsOf(operand)) bind(view, 'read', 4);
    else bind(operand, access, width, name);
  }
  for (const view of viewsOfEpilogue(call.epilogue)) bind(view, 'read', 4);
  if (call.epilogue !== undefined) bind(call.epilogue.parts, 'write', 4);
  return bindings;
}

function merged(known: Binding, access: OperandSpec['access'], width: 1 | 4): Binding {
  const writes = access === 'read' ? known.access : access;
  return { view: known.view, access: writes, width: known.width === 4 || width === 4 ? 4 : 1 };
}

const viewsOfEpilogue = (epilogue: Epilogue | undefined): View[] =>
  epilogue?.kind === 'sums' ? epilogue.terms.flatMap(viewsOf) : [];
