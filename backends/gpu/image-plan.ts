import type { Size } from '../../src/core/image.ts';
import type { Shader } from '../kernels/shader.ts';
import { BINS } from '../kernels/statistics-lut/statistics-lut.wgsl.ts';
import { packArguments, type TableArgument } from './packed-arguments.ts';
import { type DeviceStep, type PlannedImage, sourceBytes, TABLE_AREA } from './plan-image.ts';
import { ProgramWords } from './program-words.ts';
import { opcodeOf, residentTables, shaderOf } from './wgsl/modules.ts';
import { type StepRecord, stepField, stepFields } from './wgsl/steps.wgsl.ts';

/** What a plan begins with. Index of the word. */
const header = {
  /** Of the image. */
  width: 0,
  height: 1,
  uploadBytes: 2,
  /** Of all its areas in `pixels`; the result is at `result` of them. */
  pixelWords: 3,
  result: 4,
  resultWidth: 5,
  resultHeight: 6,
  /** How many steps measure their input, how many there are, and how many arguments are tables on the device. */
  measuring: 7,
  steps: 8,
  tables: 9,
  /** Of what the program takes over. */
  programWords: 10,
} as const;
const headerFields = Object.keys(header) as (keyof typeof header)[];
const HEADER_WORDS = headerFields.length;

/** Of an argument that is a table on the device. An axis of an image has 5 parameters, others have fewer, and zeros. */
export const tableField = { argument: 0, coming: 1, definition: 2, parameters: 3 } as const;
const MOST_PARAMETERS = 5;
export const TABLE_WORDS = tableField.parameters + MOST_PARAMETERS;

/**
 * An image's plan as words, which threads write beside its pixels: the header, its tables on the device, what the program takes
 * over (records of the steps, then arguments), and the words of those tables that come along. Indices into `program` count
 * from the first record, those into `pixels` from the image's first word, an upload's byte from the image's first.
 */
export class ImagePlan {
  readonly words: Uint32Array;
  /** Of its steps. */
  readonly shaders: Shader[] = [];

  /** @param words of `packPlan`, which nobody writes any more */
  constructor(words: Uint32Array) {
    this.words = words;
    const first = this.programAt + stepField.opcode;
    for (let step = 0; step < this.#at('steps'); step++)
      this.shaders.push(shaderOf(this.word(first + step * stepFields.length)));
  }

  word(at: number): number {
    return this.words[at] as number;
  }

  get size(): Size {
    return { width: this.#at('width'), height: this.#at('height') };
  }

  get uploadBytes(): number {
    return this.#at('uploadBytes');
  }

  get pixelWords(): number {
    return this.#at('pixelWords');
  }

  get resultAt(): number {
    return this.#at('result');
  }

  get resultSize(): Size {
    return { width: this.#at('resultWidth'), height: this.#at('resultHeight') };
  }

  /** Of the bins that it is measured into. */
  get binBytes(): number {
    return this.#at('measuring') * BINS * 4;
  }

  /** The index of the first word of its tables, and how many there are. */
  get tables(): { readonly at: number; readonly count: number } {
    return { at: HEADER_WORDS, count: this.#at('tables') };
  }

  /** The index of the first record's first word, and of what comes along. */
  get programAt(): number {
    return HEADER_WORDS + this.#at('tables') * TABLE_WORDS;
  }

  get comingAt(): number {
    return this.programAt + this.#at('programWords');
  }

  #at(field: keyof typeof header): number {
    return this.word(header[field]);
  }
}

const plan = new ProgramWords();

/** The words of a plan, to be copied before the next image is packed. */
export function packPlan({ source, steps, areas, result }: PlannedImage): Uint32Array {
  const { words, starts, tables } = packArguments(steps);
  const recordWords = steps.length * stepFields.length;
  const areaStarts = areas.map((_, area) => sumOf(areas.slice(0, area)));
  const programWords = recordWords + words.length;
  plan.clear();
  appendRecord(headerFields, {
    ...{ width: source.size.width, height: source.size.height },
    uploadBytes: Math.ceil(sourceBytes(source) / 4) * 4,
    pixelWords: sumOf(areas),
    result: areaStarts[result.area] as number,
    ...{ resultWidth: result.size.width, resultHeight: result.size.height },
    measuring: steps.filter(({ shader }) => shader.kernel.measuresInput).length,
    ...{ steps: steps.length, tables: tables.length, programWords },
  });
  for (const table of tables) appendTable(table, recordWords);
  for (const [i, step] of steps.entries())
    appendRecord(stepFields, recordOf(step, recordWords + (starts[i] as number), areaStarts, source.stride));
  plan.append(words);
  for (const table of tables) if (table.words !== undefined) plan.append(table.words);
  return plan.written;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function recordOf(
  { shader, input, result, betweenSize, from, between, to }: DeviceStep,
  argumentsAt: number,
  areas: readonly number[],
  uploadStride: number,
): StepRecord {
  return {
    opcode: opcodeOf(shader),
    arguments: argumentsAt,
    at: from === undefined ? 0 : (areas[from] as number),
    width: from === undefined ? uploadStride : input.width,
    height: input.height,
    isUploaded: from === undefined ? 1 : 0,
    between: areas[between] as number,
    table: areas[TABLE_AREA] as number,
    result: areas[to] as number,
    resultWidth: result.width,
    resultHeight: result.height,
    betweenWidth: betweenSize.width,
    betweenHeight: betweenSize.height,
  };
}

function appendTable({ at, definition, parameters, words }: TableArgument, argumentsAt: number): void {
  const table = plan.reserve(TABLE_WORDS);
  plan.setWord(table + tableField.argument, argumentsAt + at);
  plan.setWord(table + tableField.coming, words?.length ?? 0);
  plan.setWord(table + tableField.definition, residentTables.indexOf(definition));
  for (let i = 0; i < MOST_PARAMETERS; i++)
    plan.setWord(table + tableField.parameters + i, parameters[i] ?? 0);
}

function appendRecord<Name extends string>(
  names: readonly Name[],
  values: Readonly<Record<Name, number>>,
): void {
  const at = plan.reserve(names.length);
  for (const [i, name] of names.entries()) plan.setWord(at + i, values[name]);
}
