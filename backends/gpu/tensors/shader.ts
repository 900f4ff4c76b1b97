import { type Binding, bindingsOf } from '../../tensor-kernels/bindings.ts';
import type { KernelForm } from '../../tensor-kernels/kernel-form.ts';
import { isSame, type Lazy } from '../../tensor-kernels/lazy.ts';
import { matrixExtensions } from '../../tensor-kernels/matrix/matrix-product.ts';
import type { View } from '../../tensor-kernels/tensor.ts';
import { isLazy, specOf, type TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import { accessors } from './accessors.wgsl.ts';
import type { DeviceForm } from './device-form.ts';
import { epilogueText, noEpilogue } from './epilogue.wgsl.ts';
import { lazyFunction } from './lazy.wgsl.ts';
import { prelude } from './prelude.wgsl.ts';

/** A call's shader, and what it binds. Calls that differ in shapes alone have the same text. */
export interface CallShader {
  readonly code: string;
  readonly bindings: readonly Binding[];
}

export function shaderOf(call: TensorCall, device: DeviceForm): CallShader {
  const { tier, matrix } = device;
  const bindings = bindingsOf(call);
  const named = naming(bindings);
  const form = formOf(call, device, named);
  const code = [
    'requires immediate_address_space;',
    ...(tier === 'half' ? ['enable f16;'] : []),
    ...(matrix ? [matrixExtensions] : []),
    parameterStruct(call),
    prelude(device),
    ...bindings.map((binding, i) => accessors(binding, i, tier, named.name(binding.view))),
    ...Object.entries(call.operands).map(([operand, value]) => operandText(call, operand, value, named)),
    ...epilogueFunctions(call, named),
    form.epilogue.declarations,
    call.kernel.wgsl(form),
  ];
  return { code: code.join('\n'), bindings };
}

/** Names and widths of bindings in the text. */
interface Named {
  name(view: View): string;
  width(view: View): 1 | 4;
}

function naming(bindings: readonly Binding[]): Named {
  const indexOf = (view: View) => bindings.findIndex((binding) => isSame(binding.view, view));
  return {
    name(view) {
      const index = indexOf(view);
      // what is atomic has no functions: the kernel's text names the variable itself
      return bindings[index]?.atomic ?? `b${index}`;
    },
    width: (view) => bindings[indexOf(view)]?.width ?? 4,
  };
}

function formOf(call: TensorCall, { tier, matrix }: DeviceForm, { name }: Named): KernelForm {
  const { kernel, epilogue, operands } = call;
  const constants = Object.fromEntries(
    (kernel.constants ?? []).map((constant: string) => [constant, call.parameters[constant] as number]),
  );
  const text =
    epilogue === undefined || kernel.epilogue === undefined
      ? noEpilogue
      : epilogueText(epilogue, name(epilogue.parts), `p.${kernel.epilogue.width}`);
  return {
    constants,
    tier,
    ...(matrix && { matrix }),
    has: (operand) => operand in operands,
    count: (list) => Object.keys(operands).filter((key) => key.replace(/\d+$/, '') === list).length,
    epilogue: text,
  };
}

const parameterStruct = ({ kernel }: TensorCall): string => {
  const fields = Object.entries<string>(kernel.parameters).map(([field, type]) => `${field}: ${type}`);
  return `struct Parameters { ${fields.join(', ')} }\nvar<immediate> p: Parameters;`;
};

/** An operand under its own name: a lazy value as a function, a stored one by its binding's functions. */
function operandText(call: TensorCall, operand: string, value: View | Lazy, bindings: Named): string {
  const { access, width, lazy } = specOf(call, operand);
  if (lazy) {
    const text: Lazy = isLazy(value) ? value : { kind: 'load', view: value };
    return lazyFunction(operand, text, {
      ...bindings,
      width: `p.${lazy.width}`,
      sampleRows: `p.${lazy.sampleRows}`,
    });
  }
  const binding = bindings.name(value as View);
  if (access === 'atomic') return '';
  const type = valueType(value as View, width);
  const read = bindings.width(value as View) === width ? `${binding}_at(i)` : `${binding}_at(i / 4u)[i % 4u]`;
  const at = `fn ${operand}_at(i: u32) -> ${type} { return ${read}; }`;
  if (access === 'read') return at;
  return `${at}\nfn ${operand}_put(i: u32, value: ${type}) { ${binding}_put(i, value); }`;
}

const valueType = ({ tensor }: View, width: 1 | 4): string => {
  const letter = tensor.element === 'u32' ? 'u' : 'f';
  return width === 4 ? `vec4${letter}` : `${letter}32`;
};

/** The two lazy values that an epilogue sums. */
function epilogueFunctions({ kernel, epilogue }: TensorCall, bindings: Named): string[] {
  if (epilogue?.kind !== 'sums' || kernel.epilogue === undefined) return [];
  const { width, sampleRows } = kernel.epilogue;
  const names = { ...bindings, width: `p.${width}`, sampleRows: `p.${sampleRows}` };
  return epilogue.terms.map((term, i) =>
    lazyFunction(i === 0 ? 'epilogueFirst' : 'epilogueSecond', term, names, true),
  );
}
