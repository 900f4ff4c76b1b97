import { type Column, isOptional } from './columns.ts';
import { unpackHybrid } from './hybrid.ts';
import { type Chunk, damaged, type Page, pagesOf } from './pages.ts';

/** Reads `count` values that lie plainly in a page's bytes from `start` on; undefined where they do not fit. */
export type PlainValues<Value> = (page: Page, start: number, count: number) => readonly Value[] | undefined;

/** All values of a chunk; undefined for a null. */
export async function valuesOf<Value>(
  chunk: Chunk,
  column: Column,
  readPlain: PlainValues<Value>,
): Promise<(Value | undefined)[]> {
  const total = Number(chunk.meta.num_values);
  const all: (Value | undefined)[] = [];
  let dictionary: readonly Value[] | undefined;
  for await (const page of pagesOf(chunk)) {
    if (page.type === 'dictionary') dictionary = plainValues(chunk, page, 0, page.count, readPlain);
    else {
      if (page.count > total - all.length) throw damaged(chunk, `has more than its ${total} values`);
      const { present, start } = definedIn(chunk, column, page);
      const count = present === undefined ? page.count : present.reduce((sum, one) => sum + one, 0);
      const values = pageValues({ chunk, page, start, count, dictionary, readPlain });
      if (present === undefined) for (const value of values) all.push(value);
      else addWithNulls(all, values, present);
    }
  }
  if (all.length === total) return all;
  throw damaged(chunk, `has ${all.length} values, expected ${total}`);
}

function addWithNulls<Value>(
  all: (Value | undefined)[],
  values: readonly Value[],
  present: Uint32Array,
): void {
  let next = 0;
  for (const one of present) all.push(one === 1 ? values[next++] : undefined);
}

/** Of each row, whether it has a value, 1 or 0; undefined where all have. And where the values begin. */
function definedIn(chunk: Chunk, column: Column, page: Page): { present?: Uint32Array; start: number } {
  if (!isOptional(column)) return { start: 0 };
  const { maxDefinition } = column;
  const width = 32 - Math.clz32(maxDefinition);
  const { levels = levelsWithin(page) } = page;
  if (levels === undefined) throw damaged(chunk, 'a page ends within its definition levels');
  const present = unpackHybrid(levels, 0, width, page.count);
  if (present.length < page.count) throw damaged(chunk, 'a page has too few definition levels');
  for (let i = 0; i < present.length; i++) present[i] = present[i] === maxDefinition ? 1 : 0;
  return { present, start: page.levels === undefined ? LENGTH_BYTES + levels.length : 0 };
}

const LENGTH_BYTES = 4;

/** Definition levels at the start of a page of version 1, behind their length. */
function levelsWithin({ bytes }: Page): Buffer | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + bytes.readUInt32LE(0);
  return end > bytes.length ? undefined : bytes.subarray(LENGTH_BYTES, end);
}

interface PageValues<Value> {
  readonly chunk: Chunk;
  readonly page: Page;
  readonly start: number;
  readonly count: number;
  readonly dictionary: readonly Value[] | undefined;
  readonly readPlain: PlainValues<Value>;
}

function pageValues<Value>(values: PageValues<Value>): readonly Value[] {
  const { chunk, page, start, count, dictionary, readPlain } = values;
  if (page.encoding === 'PLAIN') return plainValues(chunk, page, start, count, readPlain);
  if (page.encoding !== 'RLE_DICTIONARY' && page.encoding !== 'PLAIN_DICTIONARY')
    throw chunk.file.refused(
      'UNSUPPORTED_PARQUET',
      `${chunk.name} is encoded as ${page.encoding}, which is not read; write it with the encoding PLAIN or a dictionary`,
    );
  if (count === 0) return [];
  const width = page.bytes[start] ?? 0;
  if (dictionary === undefined || width > 32) throw damaged(chunk, 'a page has no dictionary');
  const places = unpackHybrid(page.bytes, start + 1, width, count);
  if (places.length < count) throw damaged(chunk, 'a page has too few values');
  return Array.from(places, (place) => {
    if (place < dictionary.length) return dictionary[place] as Value;
    throw damaged(chunk, `names value ${place} of a dictionary of ${dictionary.length}`);
  });
}

function plainValues<Value>(
  chunk: Chunk,
  page: Page,
  start: number,
  count: number,
  readPlain: PlainValues<Value>,
): readonly Value[] {
  const values = readPlain(page, start, count);
  if (values !== undefined) return values;
  throw damaged(chunk, `the page at ${page.stored.offset} ends within its ${count} values`);
}
