import { inflateSync } from 'node:zlib';
import { DataError } from '../../../core/errors.ts';
import { type MatArray, readMatArray } from './mat-array.ts';
import { damaged, MatElements, type MatFormat, MI } from './mat-bytes.ts';

const HEADER_BYTES = 128;
const VERSION_5 = 0x0100;
/** Of an array: no file of names has more. */
const MAX_UNPACKED = 1 << 26;

/**
 * The arrays of a file of MATLAB's, version 5 (`save -v6` and `-v7`, `scipy.io.savemat`), by name: numbers, texts and struct arrays of
 * these, compressed or not, of either order of bytes. Versions 4 and 7.3 are refused by name. `path` names the file in errors.
 */
export function readMatFile(file: Buffer, path: string): Map<string, MatArray> {
  const format = readHeader(file, path);
  const arrays = new Map<string, MatArray>();
  const elements = new MatElements(format, file.subarray(HEADER_BYTES));
  while (!elements.isAtEnd) {
    const { type, bytes } = elements.next();
    const element = type === MI.compressed ? unpack(format, bytes) : { type, bytes };
    if (element.type !== MI.matrix) continue;
    const { name, array } = readMatArray(format, element.bytes);
    arrays.set(name, array);
  }
  return arrays;
}

/** A packed element is one element, with a tag of its own. */
function unpack(format: MatFormat, packed: Buffer) {
  try {
    const bytes = inflateSync(packed, { maxOutputLength: MAX_UNPACKED });
    return new MatElements(format, bytes).next();
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw damaged(format, `an array cannot be unpacked: ${cause}`);
  }
}

/** 116 bytes of text, 8 of an offset that is passed over, the version, and the letters MI in the order of the file's bytes. */
function readHeader(file: Buffer, path: string): MatFormat {
  const save = 'save it again by save(..., "-v7"), or by scipy.io.savemat';
  if (isHdf5(file)) throw other(path, `is MATLAB's version 7.3, which is HDF5: ${save}`);
  if (isVersion4(file)) throw other(path, `is MATLAB's version 4: ${save}`);
  const order = file.toString('latin1', 126, 128);
  if (file.length < HEADER_BYTES || (order !== 'IM' && order !== 'MI'))
    throw other(path, "is not a file of MATLAB's (.mat)");
  const isLittleEndian = order === 'IM';
  const version = isLittleEndian ? file.readUInt16LE(124) : file.readUInt16BE(124);
  if (version === VERSION_5) return { path, isLittleEndian };
  throw other(path, `is a .mat of version ${version.toString(16)}, expected ${VERSION_5.toString(16)}`);
}

const HDF5 = '\x89HDF\r\n\x1a\n';

/** HDF5 stands at the start, or behind 512 bytes of MATLAB's. */
const isHdf5 = (file: Buffer): boolean =>
  [0, 512].some((at) => file.toString('latin1', at, at + HDF5.length) === HDF5) ||
  file.toString('latin1', 0, 10) === 'MATLAB 7.3';

/**
 * Version 5 has text where version 4 has a number below 5000 that says in its digits how numbers are written: their order of
 * bytes, 0, their type (0 to 5), and the kind of the array (0 to 2).
 */
function isVersion4(file: Buffer): boolean {
  if (file.length < 20) return false;
  const digits = Math.min(file.readUInt32LE(0), file.readUInt32BE(0));
  return /^[0-4]?0?[0-5]?[0-2]$/.test(String(digits));
}

const other = (path: string, reason: string): DataError => new DataError('NOT_MAT', `${path}: ${reason}`);
