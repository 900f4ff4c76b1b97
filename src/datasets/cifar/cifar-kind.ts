import { isFolderPath } from '../folder/folders.ts';
import { type SourceKind, undivided } from '../source-kind.ts';
import type { Division } from '../split.ts';
import { cifar } from './cifar.ts';
import { cifarDivision, cifarFormat } from './cifar-files.ts';

export const cifarKind: SourceKind = {
  description:
    "CIFAR-10's or CIFAR-100's binary version: a folder with data_batch_1.bin or train.bin, or one file",
  recognises: ({ path }) => cifarFormat(path) !== undefined,
  division: cifarSplits,
  open: (path, { split }) => cifar(path, split && { split }),
};

function cifarSplits(path: string): Division {
  const format = isFolderPath(path) ? cifarFormat(path) : undefined;
  return format === undefined ? undivided : cifarDivision(path, format);
}
