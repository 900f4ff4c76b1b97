import { channelVectors, inputsOf, type Lazy } from '../../tensor-kernels/lazy.ts';
import type { View } from '../../tensor-kernels/tensor.ts';

/** Names for the text of a lazy value. */
export interface LazyNames {
  /** The binding of a view. */
  name(view: View): string;
  /** Texts of the channels / 4 and of the rows of a sample. */
  readonly width: string;
  readonly sampleRows: string;
}

/** Declares `fn <name>(row, c) -> vec4f`; where `takesOutput`, with what the kernel computed as a third parameter. */
export function lazyFunction(name: string, lazy: Lazy, names: LazyNames, takesOutput = false): string {
  const writer = new LazyWriter(names);
  const result = writer.write(lazy, 'row');
  return `fn ${name}(row: u32, c: u32${takesOutput ? ', output: vec4f' : ''}) -> vec4f {
${writer.lines.map((line) => `  ${line}\n`).join('')}  return ${result};
}
`;
}

type Kind = Lazy['kind'];
type Of<K extends Kind> = Extract<Lazy, { kind: K }>;

/** One statement for each value that is computed; what stands twice in a lazy value is computed once. */
class LazyWriter {
  readonly lines: string[] = [];
  readonly #names: LazyNames;
  readonly #written = new Map<string, string>();

  constructor(names: LazyNames) {
    this.#names = names;
  }

  /** Name of the variable that holds the value at `row`. */
  write(lazy: Lazy, row: string): string {
    if (lazy.kind === 'perSample') return this.write(lazy.of, `(${row} / ${this.#names.sampleRows})`);
    const inputs = inputsOf(lazy).map((input) => this.write(input, row));
    const text = this.#text(lazy, inputs, row);
    const known = this.#written.get(text);
    if (known !== undefined) return known;
    const variable = `v${this.lines.length}`;
    this.lines.push(`let ${variable} = ${text};`);
    this.#written.set(text, variable);
    return variable;
  }

  #text(lazy: Exclude<Lazy, Of<'perSample'>>, [a = '', b = '']: readonly string[], row: string): string {
    const { name, width, sampleRows } = this.#names;
    const vector = (view: View, which: keyof typeof channelVectors) =>
      `${name(view)}_at(${channelVectors[which]}u * ${width} + c)`;
    switch (lazy.kind) {
      case 'load':
        return `${name(lazy.view)}_at(${row} * ${width} + c)`;
      case 'output':
        return 'output';
      case 'one':
        return 'vec4f(1.0)';
      case 'sampleFactor':
        return `vec4f(${factorAt(name(lazy.view), `${row} / ${sampleRows}`)})`;
      case 'overRows':
        return `${a} / f32(${sampleRows})`;
      case 'silu':
      case 'siluSlope':
      case 'sigmoid':
      case 'sigmoidSlope':
        return `${lazy.kind}(${a})`;
      case 'quantize':
      case 'withinRange':
        return `${lazy.kind}(${a}, ${name(lazy.range)}_at(0u))`;
      case 'add':
        return `${a} + ${b}`;
      case 'multiply':
        return `${a} * ${b}`;
      case 'normalize':
        return `${vector(lazy.vectors, 'scale')} * ${a} + ${vector(lazy.vectors, 'shift')}`;
      case 'standardize':
        return `(${a} - ${vector(lazy.vectors, 'mean')}) * ${vector(lazy.vectors, 'deviation')}`;
      case 'rescale':
        return `${vector(lazy.vectors, 'scale')} * ${a}`;
      case 'unnormalize': {
        const [slope, bend, offset] = (['slope', 'bend', 'offset'] as const).map((which) =>
          vector(lazy.vectors, which),
        );
        return `${slope} * ${a} + ${bend} * ${b} + ${offset}`;
      }
    }
  }
}

/** One of the factors, which are bound in groups of 4. */
const factorAt = (name: string, sample: string): string => `${name}_at((${sample}) / 4u)[(${sample}) % 4u]`;
