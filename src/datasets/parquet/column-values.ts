import { type Column, isOptional } from './columns.ts';
import { unpackHybrid } from './hybrid.ts';
import { type Chunk, damaged, type Page, pagesOf } from './pages.ts';

/** Reads `count` values that lie plainly in a page's bytes from `start` on; undefined where they do not fit. */
export type PlainValues<Value> = (page: Page, start: number, count: number) => readonly Value[] | undefined;

/** All values of a chunk, page by page; undefined for a null. */
export async function* valuesOf<Value>(
  chunk: Chunk,
  column: Column,
  readPlain: PlainValues<Value>,
): AsyncGenerator<readonly (Value | undefined)[]> {
  for await (const { values, definitions } of valuePages(chunk, column, readPlain))
    yield definitions === undefined ? values : withNulls(values, definitions, column.maxDefinition);
}

/** The list of each row of a chunk whose column has lists, some at a time; empty for a null. What is null in a list is passed over. */
export async function* listsOf<Value>(
  chunk: Chunk,
  column: Column,
  readPlain: PlainValues<Value>,
): AsyncGenerator<readonly Value[][]> {
  let lists: Value[][] = [];
  for await (const { values, definitions, repetitions = [] } of valuePages(chunk, column, readPlain)) {
    let next = 0;
    for (const [i, repetition] of repetitions.entries()) {
      if (repetition === 0) lists.push([]);
      if (definitions !== undefined && (definitions[i] as number) < column.maxDefinition) continue;
      const list = lists.at(-1);
      if (list === undefined) throw damaged(chunk, 'its first value continues a list');
      list.push(values[next++] as Value);
    }
    // the next page may continue the last one
    const open = lists.splice(-1);
    yield lists;
    lists = open;
  }
  yield lists;
}

/** A page's values that are there, and the levels of all, where the column has them. */
interface ValuePage<Value> {
  readonly values: readonly Value[];
  readonly definitions?: Uint32Array;
  readonly repetitions?: Uint32Array;
}

async function* valuePages<Value>(
  chunk: Chunk,
  column: Column,
  readPlain: PlainValues<Value>,
): AsyncGenerator<ValuePage<Value>> {
  const total = Number(chunk.meta.num_values);
  let found = 0;
  let dictionary: readonly Value[] | undefined;
  for await (const page of pagesOf(chunk)) {
    if (page.type === 'dictionary') {
      dictionary = plainValues(chunk, page, 0, page.count, readPlain);
      continue;
    }
    found += page.count;
    if (found > total) throw damaged(chunk, `has more than its ${total} values`);
    const { start, ...levels } = levelsIn(chunk, column, page);
    const { definitions } = levels;
    const present = (one: number) => one === column.maxDefinition;
    const count = definitions?.reduce((sum, one) => sum + (present(one) ? 1 : 0), 0) ?? page.count;
    yield { ...levels, values: pageValues({ chunk, page, start, count, dictionary, readPlain }) };
  }
  if (found < total) throw damaged(chunk, `has ${found} values, expected ${total}`);
}

function withNulls<Value>(
  values: readonly Value[],
  definitions: Uint32Array,
  maxDefinition: number,
): (Value | undefined)[] {
  let next = 0;
  return Array.from(definitions, (one) => (one === maxDefinition ? values[next++] : undefined));
}

interface Levels {
  /** Of each value, how much of its path is there; left out where nothing may be null. */
  readonly definitions?: Uint32Array;
  /** 0 where a row begins; left out where each row has one value. */
  readonly repetitions?: Uint32Array;
  /** Where the values begin. */
  readonly start: number;
}

/** Repetition levels come first. */
function levelsIn(chunk: Chunk, column: Column, page: Page): Levels {
  const { maxDefinition, isRepeated } = column;
  let start = 0;
  const next = (what: 'repetition' | 'definition', most: number): Uint32Array => {
    const levels = page.levels?.[what] ?? levelsWithin(page, start);
    if (levels === undefined) throw damaged(chunk, `a page ends within its ${what} levels`);
    if (page.levels === undefined) start += LENGTH_BYTES + levels.length;
    const found = unpackHybrid(levels, 0, 32 - Math.clz32(most), page.count);
    if (found.length < page.count) throw damaged(chunk, `a page has too few ${what} levels`);
    return found;
  };
  const repetitions = isRepeated ? next('repetition', 1) : undefined;
  const definitions = isOptional(column) ? next('definition', maxDefinition) : undefined;
  return { ...(repetitions && { repetitions }), ...(definitions && { definitions }), start };
}

const LENGTH_BYTES = 4;

/** Levels at a place in a page of version 1, behind their length. */
function levelsWithin({ bytes }: Page, start: number): Buffer | undefined {
  if (bytes.length < start + LENGTH_BYTES) return undefined;
  const first = start + LENGTH_BYTES;
  const end = first + bytes.readUInt32LE(start);
  return end > bytes.length ? undefined : bytes.subarray(first, end);
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
