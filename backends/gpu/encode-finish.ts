import { bytesPerElement, type TensorFormat } from '../../src/core/image.ts';
import { mixWords, normalizeWords } from '../kernels/finish/finish.wgsl.ts';
import type { Encoded } from './encode.ts';
import type { Group } from './groups.ts';
import type { PreparedImage } from './prepared-image.ts';
import type { ProgramWords } from './program-words.ts';
import type { Resident } from './resident.ts';
import { header } from './wgsl/steps.wgsl.ts';

/** Writes how the group's results become rows of a tensor. Returns the words of the tensor. */
export function encodeFinish(
  group: Group,
  { resultAt }: Encoded,
  format: TensorFormat,
  outputStart: number,
  tables: Resident,
  words: ProgramWords,
): number {
  const { width, height } = (group.images[0] as PreparedImage).plan.resultSize;
  const elements = width * height * 3;
  const tensorWords = Math.ceil((group.images.length * elements * bytesPerElement(format.dtype)) / 4);
  const mixTables = new Map<number, number>();
  let shift = 0;
  const tableOf = (lambda: number) => {
    const known = mixTables.get(lambda);
    if (known !== undefined) return known;
    const mix = mixWords(format, lambda);
    shift = mix.shift;
    const at = words.append(mix.words);
    mixTables.set(lambda, at);
    return at;
  };
  const rows = group.images.flatMap(({ mix }, i) => {
    const own = resultAt[i] as number;
    if (mix === undefined) return [own, 0, 0];
    return [own, resultAt[mix.partner - group.first] as number, tableOf(mix.lambda)];
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
    shift,
  });
  return tensorWords;
}

function setHeader(words: ProgramWords, values: Partial<Record<keyof typeof header, number>>): void {
  for (const [name, value] of Object.entries(values))
    words.set(header[name as keyof typeof header], [value as number]);
}
