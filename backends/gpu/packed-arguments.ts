import type { Prepared, ResidentTable, TableDefinition } from '../kernels/shader.ts';
import type { DeviceStep } from './plan-image.ts';
import { ProgramWords } from './program-words.ts';

/** A table on the device that an argument is, and the place of that argument. */
export interface TableArgument extends Omit<ResidentTable, 'facts'> {
  readonly at: number;
  readonly definition: TableDefinition;
}

export interface PackedArguments {
  /**
   * Of all steps, each step's arguments before its tables. A table's place counts from the step's arguments. To be copied
   * before the next image is packed.
   */
  readonly words: Uint32Array;
  /** The index of each step's first word. */
  readonly starts: readonly number[];
  /** What is still to be written into the words: where these are on the device. */
  readonly tables: readonly TableArgument[];
}

const words = new ProgramWords();

/** The arguments of an image's steps as words that can stand anywhere in a program. */
export function packArguments(steps: readonly DeviceStep[]): PackedArguments {
  words.clear();
  const tables: TableArgument[] = [];
  const starts = steps.map(({ shader: { layout }, args }) => {
    const fields = Object.entries(layout);
    const start = words.reserve(fields.length);
    for (const [i, [name, field]] of fields.entries()) {
      const value = args[name];
      words.setWord(start + i, field.kind === 'resident' ? 0 : placed(value, start));
      if (field.kind !== 'resident' || value === undefined) continue;
      const { parameters, words: made } = value as ResidentTable;
      tables.push({ at: start + i, definition: field.definition, parameters, words: made });
    }
    return start;
  });
  return { words: words.written, starts, tables };
}

/** Numbers as they are, tables behind all that is there. */
function placed(value: Prepared, start: number): number {
  return typeof value === 'number' ? value : words.append(value as Uint32Array) - start;
}
