import { isFolderPath } from '../folder/folders.ts';
import { type PathInfo, type SourceKind, undivided } from '../opening/source-kind.ts';
import type { Division } from '../opening/split.ts';
import { parseTarHeader } from '../tar/tar-header.ts';
import { cifar } from './cifar.ts';
import { cifarDivision } from './cifar-files.ts';
import { cifarSource, isArchiveName, isDownloadName, isNameOfCifar, sourceFormat } from './cifar-source.ts';

/** The first member of the archives that are downloaded. */
const archived = /^(\.\/)?cifar-100?-(batches-bin|binary)\//;

export const cifarKind: SourceKind = {
  description:
    "CIFAR-10's or CIFAR-100's binary version: a folder with data_batch_1.bin or train.bin, one of its files, or the .tar.gz",
  recognises,
  division: divisionOf,
  options: ['coarse'],
  open: (path, { split, coarse }) =>
    cifar(path, { ...(split && { split }), ...(coarse !== undefined && { coarse }) }),
};

function recognises({ path, isFolder, head }: PathInfo): boolean {
  // one that was packed anew may begin with a header of another name
  if (!isFolder && isArchiveName(path))
    return isDownloadName(path) || archived.test(parseTarHeader(head)?.name ?? '');
  return (isFolder || isNameOfCifar(path)) && sourceFormat(cifarSource(path)) !== undefined;
}

function divisionOf(path: string): Division {
  // to look would be to unpack it
  if (isArchiveName(path)) return { train: ['train'], val: [], test: ['test'] };
  const source = cifarSource(path);
  const format = isFolderPath(path) ? sourceFormat(source) : undefined;
  return format === undefined ? undivided : cifarDivision(source.names, format);
}
