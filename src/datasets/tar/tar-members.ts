import { DataError } from '../../core/errors.ts';
import type { ByteWindow } from '../pieces/file-window.ts';
import { BLOCK_BYTES, parseTarHeader, type TarHeader } from './tar-header.ts';

/** A tar, or the bytes of one. */
export type TarFile = Omit<ByteWindow, 'close'>;

/** A file, folder or link in a tar, and where its bytes are. */
export interface TarMember {
  readonly name: string;
  readonly isFile: boolean;
  readonly offset: number;
  readonly length: number;
}

/** What a pax header ('x') or GNU's long name ('L') says about the header that follows. */
interface Extension {
  readonly name?: string;
  readonly size?: number;
}

// Links, devices and folders (types 1 to 6) have no bytes, whatever their size says.
const withoutBytes = /[1-6]/;
const MAX_EXTENSION_BYTES = 1 << 20;

/**
 * The members of a tar, in order; only headers are read. Whatever shows that the tar is cut or damaged is an error. A tar
 * ends with zeros, which nothing may follow, or with the padding of its last member: some writers leave the zeros out.
 * Promises come of a file that has to be waited for: they are to be awaited before the next member is asked for.
 */
export function* tarMembers(file: TarFile): Generator<TarMember | Promise<void>> {
  yield* loaded(file, 0, BLOCK_BYTES);
  checkMagic(file);
  let extension: Extension | undefined;
  let position = 0;
  for (;;) {
    yield* loaded(file, position, BLOCK_BYTES);
    const block = file.view(position, BLOCK_BYTES);
    // none where the file ends here; fewer than a block where its zeros are cut
    if (isZero(block) && position <= file.size && extension === undefined) break;
    if (block.length < BLOCK_BYTES)
      throw cut(file, `expected a header, or the end of the tar, at offset ${position}`);
    const header = applyExtension(readHeader(file, position, block), extension);
    const offset = position + BLOCK_BYTES;
    const length = withoutBytes.test(header.type) ? 0 : header.size;
    if (offset + length > file.size)
      throw cut(file, `member ${header.name} needs ${length} bytes at offset ${offset}`);
    position = offset + Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;
    if (header.type === 'x' || header.type === 'L') {
      checkExtension(file, header, offset);
      yield* loaded(file, offset, header.size);
      extension = { ...extension, ...readExtension(file, header, offset) };
    } else if (header.type !== 'g' && header.type !== 'K') {
      // '7' is a file too, on media that nobody has
      yield { name: header.name, isFile: header.type === '0' || header.type === '7', offset, length };
      extension = undefined;
    }
  }
  yield* checkEnd(file, position);
}

/** The members of a local tar, for which nothing has to be waited. */
export function* localMembers(file: TarFile): Generator<TarMember> {
  for (const member of tarMembers(file)) if (!(member instanceof Promise)) yield member;
}

/** A promise of the bytes, where they have to be waited for. */
export function* loaded(file: TarFile, position: number, length: number): Generator<Promise<void>> {
  const loading = file.load?.(position, length);
  if (loading !== undefined) yield loading;
}

function readHeader(file: TarFile, position: number, block: Buffer): TarHeader {
  const header = parseTarHeader(block);
  if (header === undefined && position === 0)
    throw new DataError('NOT_A_TAR', `${file.path}: is not a tar (its first 512 bytes are not a tar header)`);
  if (header === undefined)
    throw damaged(file, `expected a header at offset ${position}, got bytes with a wrong checksum`);
  if (header.type === 'S') throw sparse(file, header.name);
  return header;
}

function applyExtension(header: TarHeader, extension: Extension | undefined): TarHeader {
  if (extension === undefined || /[xLgK]/.test(header.type)) return header;
  return { ...header, ...extension };
}

function checkExtension(file: TarFile, { size }: TarHeader, offset: number): void {
  if (size <= MAX_EXTENSION_BYTES) return;
  throw damaged(file, `a header of ${size} bytes at offset ${offset} (at most ${MAX_EXTENSION_BYTES})`);
}

function readExtension(file: TarFile, header: TarHeader, offset: number): Extension {
  const bytes = file.view(offset, header.size);
  if (header.type === 'L') return { name: bytes.toString().replace(/\0.*$/s, '') };
  const records = parsePax(bytes);
  if (records === undefined) throw damaged(file, `a pax header at offset ${offset} that cannot be read`);
  const [path, size] = [records.get('path'), records.get('size')];
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.')))
    throw sparse(file, records.get('GNU.sparse.name') ?? path ?? header.name);
  if (size !== undefined && !/^\d{1,15}$/.test(size))
    throw damaged(file, `a pax header at offset ${offset} with the size ${size}`);
  return { ...(path !== undefined && { name: path }), ...(size !== undefined && { size: Number(size) }) };
}

/** Records of the form `<length of the record> <key>=<value>\n`; undefined where one has another form. */
function parsePax(bytes: Buffer): Map<string, string> | undefined {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('latin1', at, Math.max(at, space)));
    const equals = bytes.indexOf('=', space);
    const end = at + length - 1;
    const isRecord = space > at && space < equals && equals < end && bytes[end] === 0x0a;
    if (!isRecord) return undefined;
    records.set(bytes.toString('utf8', space + 1, equals), bytes.toString('utf8', equals + 1, end));
    at = end + 1;
  }
  return records;
}

/** After a block of zeros comes padding: anything else is a second tar that would be lost. */
function* checkEnd(file: TarFile, position: number): Generator<Promise<void>> {
  for (let at = position + BLOCK_BYTES; at < file.size; at += BLOCK_BYTES) {
    yield* loaded(file, at, BLOCK_BYTES);
    if (!isZero(file.view(at, BLOCK_BYTES)))
      throw damaged(file, `there is more after the tar's end at offset ${position} (two tars in one file?)`);
  }
}

const compressions = [
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a'],
  ['lz4', '04224d18'],
] as const;

function checkMagic(file: TarFile): void {
  const magic = file.view(0, 8).toString('hex');
  const [compression] = compressions.find(([, bytes]) => magic.startsWith(bytes)) ?? [];
  if (compression === undefined) return;
  const reason = `is compressed with ${compression}; decompress it first: offsets into it are needed`;
  throw new DataError('COMPRESSED_TAR', `${file.path}: ${reason}`);
}

const isZero = (block: Buffer): boolean => block.every((byte) => byte === 0);

function cut(file: TarFile, expected: string): DataError {
  return new DataError('TRUNCATED_TAR', `${file.path}: is cut: ${expected}, the file has ${file.size}`);
}

function damaged(file: TarFile, what: string): DataError {
  return new DataError('DAMAGED_TAR', `${file.path}: is damaged: ${what}`);
}

function sparse(file: TarFile, name: string): DataError {
  return new DataError(
    'SPARSE_MEMBER',
    `${file.path}: ${name}: is a sparse file; write the tar without --sparse`,
  );
}
