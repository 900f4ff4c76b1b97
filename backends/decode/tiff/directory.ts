/** How a file's integers are stored. BigTIFF has 64-bit offsets. */
export interface TiffKind {
  readonly isLittleEndian: boolean;
  readonly isBig: boolean;
}

/** The first directory of a TIFF file: what it says of its first image. */
export interface TiffDirectory extends TiffKind {
  /** Where each tag's entry starts: tag, type, count, then the values or, where they do not fit, their offset. */
  readonly entries: ReadonlyMap<number, number>;
}

const RATIONAL = 5;
/** Bytes of the types that hold unsigned integers: BYTE, SHORT, LONG, RATIONAL (which are two) and BigTIFF's LONG8. */
const integerBytes: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, [RATIONAL]: 4, 16: 8 };

export const offsetBytes = ({ isBig }: TiffKind): number => (isBig ? 8 : 4);
export const countBytes = ({ isBig }: TiffKind): number => (isBig ? 8 : 2);
export const entryBytes = (kind: TiffKind): number => 4 + 2 * offsetBytes(kind);

/** Throws RangeError where the file ends within the directory. */
export function readDirectory(bytes: Buffer): TiffDirectory {
  const isLittleEndian = bytes.toString('latin1', 0, 2) === 'II';
  // the version is 42, of BigTIFF 43; some writers swap its bytes, which Pillow accepts
  const isBig = bytes.readUInt8(2) === 43 || bytes.readUInt8(3) === 43;
  const kind = { isLittleEndian, isBig };
  const start = readInteger(bytes, kind, isBig ? 8 : 4, offsetBytes(kind));
  const count = readInteger(bytes, kind, start, countBytes(kind));
  const entries = new Map<number, number>();
  for (let i = 0, at = start + countBytes(kind); i < count; i++, at += entryBytes(kind)) {
    // the whole entry must be there
    bytes.readUInt8(at + entryBytes(kind) - 1);
    const tag = readInteger(bytes, kind, at, 2);
    if (!entries.has(tag)) entries.set(tag, at);
  }
  return { ...kind, entries };
}

/** The values of a tag, of a fraction both its parts; none where it is missing or does not hold unsigned integers. */
export function integersOf(bytes: Buffer, directory: TiffDirectory, tag: number): number[] {
  const entry = directory.entries.get(tag);
  if (entry === undefined) return [];
  const type = readInteger(bytes, directory, entry + 2, 2);
  const size = integerBytes[type];
  if (size === undefined) return [];
  const values = readInteger(bytes, directory, entry + 4, offsetBytes(directory));
  const count = type === RATIONAL ? 2 * values : values;
  const field = entry + 4 + offsetBytes(directory);
  const isInline = count * size <= offsetBytes(directory);
  const start = isInline ? field : readInteger(bytes, directory, field, offsetBytes(directory));
  if (start + count * size > bytes.length) throw new RangeError('values behind the end of the file');
  return Array.from({ length: count }, (_, i) => readInteger(bytes, directory, start + i * size, size));
}

function readInteger(bytes: Buffer, { isLittleEndian }: TiffKind, at: number, size: number): number {
  if (size === 8) return Number(isLittleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return isLittleEndian ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
}

export function writeInteger(
  bytes: Buffer,
  { isLittleEndian }: TiffKind,
  at: number,
  size: number,
  value: number,
): void {
  if (size === 8 && isLittleEndian) bytes.writeBigUInt64LE(BigInt(value), at);
  else if (size === 8) bytes.writeBigUInt64BE(BigInt(value), at);
  else if (isLittleEndian) bytes.writeUIntLE(value, at, size);
  else bytes.writeUIntBE(value, at, size);
}
