import { basename, resolve } from 'node:path';

export const splits = ['train', 'val'] as const;
export type Split = (typeof splits)[number];

/** The split that a folder or file is named after: `photos/val`, `train.lmdb`, `val.tar`. */
export function splitNamed(path: string): { readonly split?: Split } {
  const [name] = basename(resolve(path)).split('.');
  const split = splits.find((candidate) => candidate === name);
  return split === undefined ? {} : { split };
}
