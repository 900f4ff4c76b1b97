import { damaged, type MatElement, MatElements, type MatFormat, MI, numbersIn, u32 } from './mat-bytes.ts';

/** An array of MATLAB's. Elements stand column by column. */
export type MatArray =
  | { readonly kind: 'numbers'; readonly shape: readonly number[]; readonly values: Float64Array }
  | { readonly kind: 'text'; readonly shape: readonly number[]; readonly value: string }
  | {
      readonly kind: 'struct';
      readonly shape: readonly number[];
      readonly fields: readonly string[];
      /** Each with its value by field. */
      readonly elements: readonly ReadonlyMap<string, MatArray>[];
    }
  /** Of a class that is passed over: cells, objects, sparse arrays, functions. */
  | { readonly kind: 'other'; readonly shape: readonly number[]; readonly class: number };

/** Classes of arrays: table 1-3 of MATLAB's "MAT-File Format". */
const STRUCT = 2;
const CHAR = 4;
const [DOUBLE, UINT64] = [6, 15];

/** More than anybody's: arrays in arrays must not fill the stack. */
const MAX_DEPTH = 32;

/** An array and its name, from the content of an element of type matrix. An empty one is an empty array. */
export function readMatArray(
  format: MatFormat,
  bytes: Buffer,
  depth = 0,
): { readonly name: string; readonly array: MatArray } {
  if (bytes.length === 0)
    return { name: '', array: { kind: 'numbers', shape: [0, 0], values: new Float64Array() } };
  if (depth > MAX_DEPTH) throw damaged(format, `arrays lie ${MAX_DEPTH} deep in one another`);
  const parts = new MatElements(format, bytes);
  const flags = parts.expect("an array's flags", [MI.uint32]).bytes;
  if (flags.length !== 8) throw damaged(format, `an array's flags have 8 bytes, not ${flags.length}`);
  const arrayClass = u32(flags, 0, format.isLittleEndian) & 0xff;
  const shape = [...numbersIn(format, parts.expect("an array's sizes", [MI.int32]))];
  if (shape.length < 2 || shape.some((size) => size < 0))
    throw damaged(format, `an array of the sizes ${shape.join(' x ')}`);
  const name = parts.expect("an array's name", [MI.int8, MI.uint8]).bytes.toString('latin1');
  return { name, array: readContent(parts, arrayClass, shape, depth) };
}

function readContent(
  parts: MatElements,
  arrayClass: number,
  shape: readonly number[],
  depth: number,
): MatArray {
  if (arrayClass === STRUCT) return readStruct(parts, shape, depth);
  if (arrayClass === CHAR) return { kind: 'text', shape, value: readText(parts, shape) };
  // of complex ones the real part, which comes first
  if (arrayClass >= DOUBLE && arrayClass <= UINT64)
    return { kind: 'numbers', shape, values: readNumbers(parts, shape) };
  return { kind: 'other', shape, class: arrayClass };
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function readNumbers(parts: MatElements, shape: readonly number[]): Float64Array {
  const values = numbersIn(parts.format, parts.next());
  if (values.length === countOf(shape)) return values;
  throw damaged(parts.format, `an array of ${shape.join(' x ')} has ${values.length} numbers`);
}

const encodings: Readonly<Record<number, (format: MatFormat, element: MatElement) => string>> = {
  [MI.utf8]: (_, { bytes }) => bytes.toString('utf8'),
  [MI.utf16]: codes,
  [MI.utf32]: codes,
  [MI.int8]: codes,
  [MI.uint8]: codes,
  [MI.uint16]: codes,
};

/** Characters by their numbers. */
function codes(format: MatFormat, { type, bytes }: MatElement): string {
  const numeric = { [MI.utf16]: MI.uint16, [MI.utf32]: MI.uint32, [MI.int8]: MI.uint8 }[type] ?? type;
  const numbers = numbersIn(format, { type: numeric, bytes });
  if (numbers.some((code) => code > 0x10ffff)) throw damaged(format, 'a character that is none');
  return type === MI.utf32
    ? Array.from(numbers, (code) => String.fromCodePoint(code)).join('')
    : Array.from(numbers, (code) => String.fromCharCode(code)).join('');
}

/** Of several rows, one after the other, with an end of line between them. */
function readText(parts: MatElements, shape: readonly number[]): string {
  if (countOf(shape) === 0) return '';
  const element = parts.next();
  const text = encodings[element.type]?.(parts.format, element);
  if (text === undefined)
    throw damaged(parts.format, `expected characters, got an element of type ${element.type}`);
  // UTF-8 and UTF-16 have more than one unit for some
  const characters = text.length === countOf(shape) ? text.split('') : [...text];
  if (characters.length !== countOf(shape))
    throw damaged(parts.format, `a text of ${shape.join(' x ')} has ${characters.length} characters`);
  const rows = shape[0] as number;
  if (rows === 1) return text;
  const columns = characters.length / rows;
  const rowOf = (row: number) =>
    Array.from({ length: columns }, (_, column) => characters[column * rows + row]);
  return Array.from({ length: rows }, (_, row) => rowOf(row).join('')).join('\n');
}

function readStruct(parts: MatElements, shape: readonly number[], depth: number): MatArray {
  const fields = readFields(parts);
  const count = countOf(shape);
  // each field takes eight bytes at least: a wrong size must not fill the memory
  if (fields.length > 0 && !(count * fields.length * 8 <= parts.left))
    throw damaged(parts.format, `a struct array of ${shape.join(' x ')} with ${fields.length} fields is cut`);
  const elements = Array.from({ length: fields.length > 0 ? count : 0 }, () => {
    const values = new Map<string, MatArray>();
    for (const field of fields) {
      const { bytes } = parts.expect(`the field ${field}`, [MI.matrix]);
      values.set(field, readMatArray(parts.format, bytes, depth + 1).array);
    }
    return values;
  });
  return { kind: 'struct', shape, fields, elements };
}

/** Names of fields, each in as many bytes as the first number says, ended by a zero. */
function readFields(parts: MatElements): string[] {
  const [length = 0] = numbersIn(parts.format, parts.expect('the length of names of fields', [MI.int32]));
  const { bytes } = parts.expect('names of fields', [MI.int8, MI.uint8]);
  if (!(length > 0) || bytes.length % length !== 0)
    throw damaged(parts.format, `names of fields of ${length} bytes each in ${bytes.length}`);
  return Array.from({ length: bytes.length / length }, (_, field) => {
    const [name = ''] = bytes.toString('latin1', field * length, (field + 1) * length).split('\0');
    return name;
  });
}
