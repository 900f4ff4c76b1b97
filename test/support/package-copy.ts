import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { folderOf } from './folders.ts';

/** One place in a built file, and what stands there instead. */
export interface Defect {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A copy of the built package in a folder of its own, with a defect where one is given. */
export function packageCopy(defect?: Defect): string {
  const root = folderOf();
  for (const name of ['src', 'operators', 'backends'])
    cpSync(join('dist', name), join(root, 'dist', name), {
      recursive: true,
      filter: (path) => !/\.(map|d\.ts)$/.test(path),
    });
  cpSync('package.json', join(root, 'package.json'));
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  if (defect !== undefined) plant(root, defect);
  return root;
}

function plant(root: string, { file, from, to }: Defect): void {
  const path = join(root, 'dist', file);
  const text = readFileSync(path, 'utf8');
  const pieces = text.split(from);
  if (pieces.length !== 2) throw new Error(`${file}: '${from}' occurs ${pieces.length - 1} times`);
  writeFileSync(path, pieces.join(to));
}
