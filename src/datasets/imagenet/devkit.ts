import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { isFolderPath } from '../folder/folders.ts';
import { readWhole } from '../pieces/read-fully.ts';
import { isGzip, unpackGzip } from '../pieces/unpack-gzip.ts';
import { localMembers } from '../tar/tar-members.ts';
import { readSynsets, type Synsets } from './synsets.ts';

/** What the devkit of ImageNet's challenge of 2012 says of the val images. */
export interface Devkit extends Synsets {
  /** Of the file with a number a line, for people. */
  readonly path: string;
  /** The number of each image's class, in the images' order. */
  readonly ids: readonly number[];
}

export const groundTruthName = 'ILSVRC2012_validation_ground_truth.txt';
const metaName = 'meta.mat';
/** The folder that it unpacks to, or the archive. */
const devkitNames = ['', '.tar.gz', '.tgz', '.tar'].map((ending) => `ILSVRC2012_devkit_t12${ending}`);

/** A file's bytes, and its name for people. */
interface NamedBytes {
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * Where a folder has the devkit: the folder or the archive in it, or the folder itself where the files lie in that or in its
 * `data`; undefined where it has none.
 */
function devkitIn(folder: string): string | undefined {
  const has = (name: string) => ['', 'data'].some((inner) => existsSync(join(folder, inner, name)));
  if (has(groundTruthName) && has(metaName)) return folder;
  const name = devkitNames.find((one) => existsSync(join(folder, one)));
  if (name !== undefined) return join(folder, name);
  // of one without the other, what is missing is said
  return has(groundTruthName) ? folder : undefined;
}

/** Reads the two files of the devkit that a folder has, or an archive. */
export function readDevkit(path: string): Devkit {
  const files = isFolderPath(path) ? filesOfFolder(path) : filesOfArchive(path);
  const [truth, meta] = [groundTruthName, metaName].map((name) => {
    const file = files.get(name);
    if (file !== undefined) return file;
    const remedy = 'both are in data/ of ILSVRC2012_devkit_t12.tar.gz: put that beside the images as it is';
    const others = `${groundTruthName} has the classes by number, ${metaName} says which they are`;
    throw new DataError('MISSING_FILE', `${path}: has no ${name}: ${others}; ${remedy}`);
  }) as [NamedBytes, NamedBytes];
  const synsets = readSynsets(meta.bytes, meta.path);
  return { ...synsets, path: truth.path, ids: idsIn(truth, synsets, meta.path) };
}

function filesOfFolder(folder: string): Map<string, NamedBytes> {
  const files = new Map<string, NamedBytes>();
  for (const inner of ['data', ''])
    for (const name of [groundTruthName, metaName]) {
      const path = join(folder, inner, name);
      if (existsSync(path)) files.set(name, { path, bytes: readWhole(path) });
    }
  return files;
}

/** The archive as it is downloaded: 2.5 MB. */
function filesOfArchive(path: string): Map<string, NamedBytes> {
  const bytes = unpacked(path, readWhole(path));
  const view = (at: number, length: number) => bytes.subarray(at, Math.min(at + length, bytes.length));
  const files = new Map<string, NamedBytes>();
  for (const { name, isFile, offset, length } of localMembers({ path, size: bytes.length, view })) {
    const known = [groundTruthName, metaName].find((one) => name === one || name.endsWith(`/data/${one}`));
    if (isFile && known !== undefined)
      files.set(known, { path: `${path}: ${name}`, bytes: view(offset, length) });
  }
  return files;
}

/** A hundred times the devkit's size: what unpacks to more is something else. */
const MAX_UNPACKED = 1 << 28;

const unpacked = (path: string, packed: Buffer): Buffer =>
  isGzip(packed)
    ? unpackGzip(path, packed, MAX_UNPACKED, "256 MiB: ImageNet's devkit has a hundredth of that")
    : packed;

function idsIn({ path, bytes }: NamedBytes, { byId }: Synsets, metaPath: string): number[] {
  const lines = bytes.toString('latin1').trimEnd().split(/\r?\n/);
  return lines.map((line, at) => {
    const id = /^\s*\d+\s*$/.test(line) ? Number(line) : Number.NaN;
    if (byId.has(id)) return id;
    const expected = `the ILSVRC2012_ID of one of ${byId.size} classes in ${metaPath}`;
    const got = JSON.stringify(line.slice(0, 100));
    throw new DataError('INVALID_CLASS', `${path}: line ${at + 1}: expected ${expected}, got ${got}`);
  });
}

/** The devkit that is nearest above a folder, in it or in one of so many above. */
export function findDevkit(folder: string, foldersAbove: number): string | undefined {
  for (let above = 0, at = folder; above <= foldersAbove; above++, at = dirname(at)) {
    const found = devkitIn(at);
    if (found !== undefined) return found;
  }
  return undefined;
}
