import { bytesPerElement, type TensorFormat } from '../../src/core/image.ts';
import { boxesWords, usesNoise } from '../kernels/finish/erase.wgsl.ts';
import { mixWords, normalizeWords } from '../kernels/finish/finish.wgsl.ts';
import { noiseNumbers } from '../kernels/finish/terms.ts';
import type { Encoded } from './encode.ts';
import type { Group } from './groups.ts';
import type { PreparedImage } from './prepared-image.ts';
import type { ProgramWords } from './program-words.ts';
import type { Resident } from './resident.ts';
import { header } from './wgsl/steps.wgsl.ts';

export interface EncodedFinish {
  /** Words of the tensor. */
  readonly words: number;
  /** Whether a row has boxes. */
  readonly isErased: boolean;
}

/** Writes how the group's results become rows of a tensor. */
export function encodeFinish(
  group: Group,
  { resultAt }: Encoded,
  format: TensorFormat,
  outputStart: number,
  tables: Resident,
  words: ProgramWords,
): EncodedFinish {
  const { width, height } = (group.images[0] as PreparedImage).plan.resultSize;
  const elements = width * height * 3;
  const tensorWords = Math.ceil((group.images.length * elements * bytesPerElement(format.dtype)) / 4);
  const mixes = new MixTables(format, words);
  let isErased = false;
  const rows = group.images.flatMap((row, i) => {
    const { mix } = row;
    const image = resultAt[i] as number;
    const partner = mix === undefined ? 0 : (resultAt[mix.partner - group.first] as number);
    const blend = mix === undefined || mix.box !== undefined ? undefined : mixes.get(mix.lambda);
    const boxes = boxesWords(row, format, blend?.shift);
    isErased ||= boxes !== undefined;
    return [image, partner, blend?.at ?? 0, boxes === undefined ? 0 : words.append(boxes)];
  });
  setHeader(words, {
    rows: words.append(rows),
    elements,
    pixels: width * height,
    isPlanar: format.layout === 'nchw' ? 1 : 0,
    isFloat: format.dtype === 'float32' ? 1 : 0,
    words: tensorWords,
    outputStart,
    table: tables.get(`normalize ${JSON.stringify(format)}`, () => normalizeWords(format)),
    shift: mixes.shift,
    columns: width,
    noise: group.images.some(usesNoise) ? tables.get('noise', noiseNumbers) : 0,
  });
  return { words: tensorWords, isErased };
}

interface PlacedBlend {
  /** Index of the tables in the program. */
  readonly at: number;
  readonly shift: number;
}

/** The tables of a group's blends: 6 KiB for each weight. */
class MixTables {
  readonly #format: TensorFormat;
  readonly #words: ProgramWords;
  readonly #placed = new Map<number, PlacedBlend>();
  /** Of all blends, since it depends on the format alone. */
  shift = 0;

  constructor(format: TensorFormat, words: ProgramWords) {
    this.#format = format;
    this.#words = words;
  }

  get(lambda: number): PlacedBlend {
    const known = this.#placed.get(lambda);
    if (known !== undefined) return known;
    const { words, shift } = mixWords(this.#format, lambda);
    const placed = { at: this.#words.append(words), shift };
    this.#placed.set(lambda, placed);
    this.shift = shift;
    return placed;
  }
}

function setHeader(words: ProgramWords, values: Partial<Record<keyof typeof header, number>>): void {
  for (const [name, value] of Object.entries(values))
    words.set(header[name as keyof typeof header], [value as number]);
}
