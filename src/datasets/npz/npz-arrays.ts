import { crc32, inflateRawSync } from 'node:zlib';
import { DataError } from '../../core/errors.ts';
import { type ZipEntry, zipEntries } from '../../core/zip-entries.ts';
import { FileWindow } from '../pieces/file-window.ts';
import { NPY_HEAD_BYTES, type NpyHeader, parseNpyHeader } from './npy-header.ts';

/** An array in a file of arrays. */
export interface NpzArray extends NpyHeader {
  readonly name: string;
  /** Of its first element: in the file, or in `unpacked` where the array is packed. */
  readonly offset: number;
  readonly unpacked?: Buffer;
}

/** Deflate packs no better. */
const MOST_PACKED = 1032;
const MAX_UNPACKED = 2 ** 32 - 1;

/** A file of NumPy's arrays, as `savez` and `savez_compressed` write it. */
export class NpzFile {
  readonly #file: FileWindow;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  constructor(path: string) {
    this.#file = new FileWindow(path);
    try {
      const fail = (code: string, reason: string) => new DataError(code, `${path}: ${reason}`);
      const entries = zipEntries(this.#file, fail).filter(({ name }) => name.endsWith('.npy'));
      this.#entries = new Map(entries.map((entry) => [entry.name.slice(0, -4), entry]));
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** The array, which is of one of these types, unpacked where it is packed. Its elements are all there. */
  array(name: string, types: ElementTypes = INTEGERS): NpzArray {
    const entry = this.#entries.get(name) as ZipEntry;
    const unpacked = entry.isDeflated ? this.#unpack(name, entry) : undefined;
    const start = unpacked === undefined ? entry.offset : 0;
    const head = (unpacked ?? this.#file.view(start, Math.min(entry.size, NPY_HEAD_BYTES))).subarray(
      0,
      NPY_HEAD_BYTES,
    );
    const header = parseNpyHeader(head);
    if (header === undefined) throw this.error('NOT_NPY', name, 'has no header of a NumPy array');
    this.#check(name, header, entry.size, types);
    return { ...header, name, offset: start + header.length, ...(unpacked && { unpacked }) };
  }

  /** The bytes of an array. They are read whole, and their checksum is compared: that is not done for images in place. */
  elements({ name, length, offset, unpacked, shape, type }: NpzArray): Buffer {
    const size = itemBytes(type) * countOf(shape);
    if (unpacked !== undefined) return unpacked.subarray(offset, offset + size);
    const member = this.#file.view(offset - length, length + size);
    this.#compare(name, member);
    return member.subarray(length);
  }

  error(code: string, name: string, reason: string): DataError {
    return new DataError(code, `${this.#file.path}: ${name}: ${reason}`);
  }

  close(): void {
    this.#file.close();
  }

  #unpack(name: string, { offset, packedSize, size }: ZipEntry): Buffer {
    if (size > MAX_UNPACKED) {
      const advice = 'write the file by numpy.savez, which does not pack: such a file is read in place';
      throw this.error('TOO_LARGE', name, `unpacks to ${size} bytes, more than ${MAX_UNPACKED}; ${advice}`);
    }
    if (size > MOST_PACKED * (packedSize + 1))
      throw this.error('DAMAGED_ZIP', name, `${packedSize} bytes cannot unpack to ${size}`);
    const unpacked = this.#inflate(name, this.#file.view(offset, packedSize), size);
    this.#compare(name, unpacked);
    return unpacked;
  }

  #compare(name: string, member: Buffer): void {
    if (crc32(member) !== this.#entries.get(name)?.checksum)
      throw this.error('DAMAGED_ZIP', name, 'is damaged: its checksum is another one');
  }

  #inflate(name: string, packed: Buffer, size: number): Buffer {
    try {
      return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
    } catch (cause) {
      throw this.error('DAMAGED_ZIP', name, `cannot be unpacked: ${cause}`);
    }
  }

  #check(name: string, header: NpyHeader, size: number, types: ElementTypes): void {
    const { type, isFortranOrder, shape, length } = header;
    if (type === '|O')
      throw this.error('NPY_TYPE', name, 'holds pickled Python objects: expected an array of numbers');
    if (!types.pattern.test(type))
      throw this.error('NPY_TYPE', name, `expected an array of ${types.inWords}, got ${type}`);
    if (isFortranOrder && shape.length > 1)
      throw this.error('NPY_ORDER', name, 'is in Fortran order: write it by numpy.ascontiguousarray');
    const expected = length + itemBytes(type) * countOf(shape);
    if (size === expected) return;
    throw this.error(
      'NPY_SIZE',
      name,
      `expected ${expected} bytes for ${shape.join(' x ')} of ${type}, got ${size}`,
    );
  }
}

export const countOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Which elements an array may have. */
interface ElementTypes {
  readonly pattern: RegExp;
  readonly inWords: string;
}

/** In the order of bytes of most machines. */
export const INTEGERS: ElementTypes = { pattern: /^[|<][iu][1248]$/, inWords: 'integers' };
/** Also floats and truth values. */
export const FLOATS: ElementTypes = {
  pattern: /^(?:[|<][iu][1248]|<f[48]|\|b1)$/,
  inWords: 'integers, or floats of 4 or 8 bytes',
};

const itemBytes = (type: string): number => Number(type[2]);
