import type { Binding } from '../../tensor-kernels/bindings.ts';
import type { Tier } from '../../tensor-kernels/kernel-form.ts';

/** How a binding's numbers lie in its buffer, by tensor and tier. */
type Storage = 'f32' | 'u32' | 'halves' | 'f16';

function storageOf({ view }: Binding, tier: Tier): Storage {
  const { element } = view.tensor;
  if (element === 'f16') return 'halves';
  if (element !== 'store') return element;
  return ({ float32: 'f32', packed: 'halves', half: 'f16' } as const)[tier];
}

/** Declares binding `number` and the functions by which it is read and written, named `<name>_at` and `<name>_put`. */
export function accessors(binding: Binding, number: number, tier: Tier, name: string): string {
  const { access, width } = binding;
  const at = `@group(0) @binding(${number}) var<storage, ${access === 'read' ? 'read' : 'read_write'}>`;
  if (access === 'atomic') return `${at} ${name}: array<atomic<u32>>;\n`;
  const texts = width === 4 ? groupTexts : valueTexts;
  const { type, value, load, store } = texts[storageOf(binding, tier)];
  const put = () => `fn ${name}_put(i: u32, value: ${value}) { ${store(name)} }\n`;
  return `${at} ${name}: array<${type}>;
fn ${name}_at(i: u32) -> ${value} { ${load(name)} }
${access === 'read' ? '' : put()}`;
}

interface Texts {
  /** An element of the array, and what the shader computes with. */
  readonly type: string;
  readonly value: string;
  load(name: string): string;
  store(name: string): string;
}

const groupTexts: Readonly<Record<Storage, Texts>> = {
  f32: plain('vec4f'),
  u32: plain('vec4u'),
  halves: {
    type: 'vec2u',
    value: 'vec4f',
    load: (name) => `let halves = ${name}[i]; return unpacked(halves);`,
    store: (name) => `${name}[i] = packed(value);`,
  },
  f16: {
    type: 'vec4<f16>',
    value: 'vec4f',
    load: (name) => `return fromHalves(${name}[i]);`,
    store: (name) => `${name}[i] = toHalves(value);`,
  },
};

const valueTexts: Readonly<Record<Storage, Texts>> = {
  f32: plain('f32'),
  u32: plain('u32'),
  // written by groups alone: two values share a word
  halves: {
    type: 'u32',
    value: 'f32',
    load: (name) =>
      `let pair = unpacked(vec2u(${name}[i / 2u], 0u)); return select(pair.x, pair.y, i % 2u == 1u);`,
    store(name) {
      throw new Error(`${name}: halves are written in groups of 4`);
    },
  },
  f16: {
    type: 'f16',
    value: 'f32',
    load: (name) => `return fromHalves(vec4<f16>(${name}[i])).x;`,
    store: (name) => `${name}[i] = toHalves(vec4f(value)).x;`,
  },
};

function plain(type: string): Texts {
  return {
    type,
    value: type,
    load: (name) => `return ${name}[i];`,
    store: (name) => `${name}[i] = value;`,
  };
}
