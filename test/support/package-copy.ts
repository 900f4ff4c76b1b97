import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { folderOf } from './folders.ts';

/** One place in a built file, and what stands there instead. */
export interface Defect {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A copy of the built package in a folder of its own, with the defects that are given. */
export function packageCopy(...defects: readonly Defect[]): string {
  const root = builtCopy();
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  for (const defect of defects) plant(root, defect);
  return root;
}

/** A copy of the built package as it is where these packages, or those of this scope, are not installed. */
export function packageCopyWithout(name: string): string {
  const root = builtCopy();
  mkdirSync(join(root, 'node_modules'));
  for (const other of readdirSync('node_modules').filter((one) => one !== name))
    symlinkSync(resolve('node_modules', other), join(root, 'node_modules', other));
  return root;
}

function builtCopy(): string {
  const root = folderOf();
  for (const name of ['src', 'operators', 'backends'])
    cpSync(join('dist', name), join(root, 'dist', name), {
      recursive: true,
      filter: (path) => !/\.(map|d\.ts)$/.test(path),
    });
  cpSync('package.json', join(root, 'package.json'));
  return root;
}

function plant(root: string, { file, from, to }: Defect): void {
  const path = join(root, 'dist', file);
  const text = readFileSync(path, 'utf8');
  const pieces = text.split(from);
  if (pieces.length !== 2) throw new Error(`${file}: '${from}' occurs ${pieces.length - 1} times`);
  writeFileSync(path, pieces.join(to));
}
