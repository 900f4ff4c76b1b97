import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { folderOf } from './folders.ts';

export const examplePath = (name: string): string => resolve('examples', name);

/** What an example's module exports. */
export const importExample = <Exports>(name: string): Promise<Exports> =>
  import(pathToFileURL(examplePath(name)).href);

export const importCifar = () => importExample<{ cifar(path: string): Dataset }>('cifar.js');

/** What `node examples/<name>` prints, in an empty folder, with another for its temporary files. */
export function runExample(name: string, ...args: readonly string[]) {
  return promisify(execFile)(process.execPath, [examplePath(name), ...args], {
    cwd: folderOf(),
    env: { ...process.env, TMPDIR: folderOf() },
    timeout: 240_000,
  });
}

/** A file of `count` records of CIFAR-10: a class, then a plane of each colour. */
export function cifarFile(count: number): Buffer {
  const record = (index: number) =>
    Uint8Array.from({ length: 1 + 3 * 1024 }, (_, at) =>
      at === 0 ? index % 10 : (index * 31 + at * 7) & 255,
    );
  return Buffer.concat(Array.from({ length: count }, (_, index) => record(index)));
}
