import { basename, resolve } from 'node:path';

export type Split = 'train' | 'val';

/** The split that a folder or file is named after: `photos/val`, `train.lmdb`, `val.tar`. */
export function splitNamed(path: string): { readonly split?: Split } {
  const [name] = basename(resolve(path)).split('.');
  return name === 'train' || name === 'val' ? { split: name } : {};
}
