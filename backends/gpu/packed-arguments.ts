import type { Prepared, ResidentTable, TableDefinition } from '../kernels/shader.ts';
import type { DeviceStep } from './plan-image.ts';
import { ProgramWords } from './program-words.ts';

/** A table on the device that an argument is, and the place of that argument. */
export interface TableArgument extends Omit<ResidentTable, 'facts'> {
  readonly at: number;
  readonly definition: TableDefinition;
}

export interface PackedArguments {
  /** Of all steps, each step's arguments before its tables. A table's place counts from the step's arguments. */
  readonly words: Uint32Array;
  /** The index of each step's first word. */
  readonly starts: readonly number[];
  /** What is still to be written into the words: where these are on the device. */
  readonly tables: readonly TableArgument[];
}

/** The arguments of an image's steps as words that can stand anywhere in a program. */
export function packArguments(steps: readonly DeviceStep[]): PackedArguments {
  const words = new ProgramWords(FEW_WORDS);
  const tables: TableArgument[] = [];
  const starts = steps.map(({ shader: { layout }, args }) => {
    const fields = Object.entries(layout);
    const start = words.reserve(fields.length);
    for (const [i, [name, field]] of fields.entries()) {
      const value = args[name];
      if (field.kind === 'resident') {
        const { definition } = field;
        if (value !== undefined) tables.push({ ...(value as ResidentTable), definition, at: start + i });
      } else words.setWord(start + i, placed(value, start, words));
    }
    return start;
  });
  return { words: words.written, starts, tables };
}

/** Enough for most images: their tables have 256 words. */
const FEW_WORDS = 1024;

/** Numbers as they are, tables behind all that is there. */
function placed(value: Prepared, start: number, words: ProgramWords): number {
  return typeof value === 'number' ? value : words.append(value as Uint32Array) - start;
}
