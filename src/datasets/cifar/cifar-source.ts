import { basename, dirname, join } from 'node:path';
import { isFolderPath, listFolder } from '../folder/folders.ts';
import { FileWindow } from '../pieces/file-window.ts';
import { readWhole } from '../pieces/read-fully.ts';
import { unpackGzip } from '../pieces/unpack-gzip.ts';
import type { RawReaderOptions } from '../raw/raw-reader.ts';
import { localMembers, type TarFile, type TarMember } from '../tar/tar-members.ts';
import { type CifarFormat, cifarFormat } from './cifar-files.ts';

/** Where the files of CIFAR are: in a folder, or in memory. */
export interface CifarSource {
  /** Of all files, those with class names too, in the order of the numbers in them. */
  readonly names: readonly string[];
  /** The one that is named, instead of a folder. */
  readonly only?: string;
  /** For people. */
  pathOf(name: string): string;
  open(name: string): OpenCifarFile;
  /** What the reader needs to read from files of these names. */
  reader(names: readonly string[]): Pick<RawReaderOptions, 'paths' | 'unpacked'>;
}

export interface OpenCifarFile extends TarFile {
  /** Of its first byte in what the reader reads. */
  readonly start: number;
  close(): void;
}

/** As the archives are called that are downloaded. */
export const isDownloadName = (path: string): boolean =>
  /^cifar-100?-binary\.(tar\.gz|tgz)$/i.test(basename(path));

export const isArchiveName = (path: string): boolean => /\.(tar\.gz|tgz)$/i.test(path);

/** Which of the two it is; undefined where it is neither. */
export function sourceFormat({ names, only }: CifarSource): CifarFormat | undefined {
  return cifarFormat(
    only === undefined ? names : [only, ...names.filter((name) => /_names\.txt$/.test(name))],
  );
}

export function cifarSource(path: string): CifarSource {
  if (isArchiveName(path) && !isFolderPath(path)) return archiveSource(path);
  return isFolderPath(path) ? folderSource(path) : { ...folderSource(dirname(path)), only: basename(path) };
}

function folderSource(folder: string): CifarSource {
  const pathOf = (name: string) => join(folder, name);
  return {
    names: sorted(
      listFolder(folder)
        .map(({ name }) => name)
        .filter(isNameOfCifar),
    ),
    pathOf,
    open(name) {
      const file = new FileWindow(pathOf(name));
      const { path, size } = file;
      return { path, size, start: 0, view: (at, length) => file.view(at, length), close: () => file.close() };
    },
    reader: (names) => ({ paths: names.map(pathOf) }),
  };
}

/** The archive as it is downloaded, unpacked once into memory that all threads share: 184 MB. */
function archiveSource(path: string): CifarSource {
  const unpacked = unpack(path);
  const bytes = Buffer.from(unpacked.buffer);
  const view = (at: number, length: number) => bytes.subarray(at, Math.min(at + length, bytes.length));
  const members = new Map<string, TarMember>();
  for (const member of localMembers({ path, size: bytes.length, view }))
    if (member.isFile) members.set(basename(member.name), member);
  const pathOf = (name: string) => `${path}: ${name}`;
  return {
    names: sorted([...members.keys()]),
    pathOf,
    open(name) {
      const { offset, length: size } = members.get(name) as TarMember;
      return {
        path: pathOf(name),
        size,
        start: offset,
        view: (at, length) => view(offset + at, length),
        close() {},
      };
    },
    reader: () => ({ paths: [path], unpacked }),
  };
}

/** Whether a file may be one of theirs: a folder may hold a million others. */
export const isNameOfCifar = (name: string): boolean => /\.(bin|txt)$/i.test(name);

const sorted = (names: string[]): string[] => names.sort(new Intl.Collator('en', { numeric: true }).compare);

/** The archives that are downloaded unpack to 184 MB. */
const MAX_UNPACKED = 2 ** 30;

function unpack(path: string): Uint8Array<SharedArrayBuffer> {
  const bytes = unpackGzip(path, readWhole(path), MAX_UNPACKED, '1 GiB: CIFAR has a sixth of that');
  const unpacked = new Uint8Array(new SharedArrayBuffer(bytes.length));
  unpacked.set(bytes);
  return unpacked;
}
