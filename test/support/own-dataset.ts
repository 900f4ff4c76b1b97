import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { documentedModule } from './documented.ts';

const document = 'docs/your-own-dataset.md';

/** Writes the documentation's dataset, and the script that uses it, to a folder inside the package: they import it. */
export async function documentedDataset(name: string) {
  const folder = resolve('dist', 'test', name);
  mkdirSync(folder, { recursive: true });
  for (const file of ['cifar.js', 'train.js'])
    writeFileSync(join(folder, file), documentedModule(document, file));
  const { cifar }: { cifar(path: string): Dataset } = await import(
    pathToFileURL(join(folder, 'cifar.js')).href
  );
  return { folder, cifar };
}

/** A file of `count` records: a class, then a plane of each colour. */
export function cifarFile(count: number): Buffer {
  const record = (index: number) =>
    Uint8Array.from({ length: 1 + 3 * 1024 }, (_, at) =>
      at === 0 ? index % 10 : (index * 31 + at * 7) & 255,
    );
  return Buffer.concat(Array.from({ length: count }, (_, index) => record(index)));
}
