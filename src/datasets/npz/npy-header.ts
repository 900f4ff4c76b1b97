/** What the first bytes of an array in NumPy's format say. */
export interface NpyHeader {
  /** As NumPy writes it: `|u1`, `<i8`, `|O`. */
  readonly type: string;
  readonly isFortranOrder: boolean;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Bytes before the elements. */
  readonly length: number;
}

/** More than any array's header has. */
export const NPY_HEAD_BYTES = 4096;

const magic = '\x93NUMPY';
const dictionary =
  /^\{\s*'descr':\s*(?:'([^']*)'|\[.*\]),\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\s]*)\),?\s*\}\s*$/s;

/** The header in the first bytes of an array; undefined where there is none. */
export function parseNpyHeader(bytes: Buffer): NpyHeader | undefined {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== magic) return undefined;
  // version 1 has a length of 16 bits
  const start = bytes[6] === 1 ? 10 : 12;
  const length = start + (bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  const match = dictionary.exec(bytes.toString('latin1', start, length));
  if (match === null || length > bytes.length) return undefined;
  const [, type = 'fields', order, sizes = ''] = match;
  const shape = sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  return { type, isFortranOrder: order === 'True', shape, length };
}
