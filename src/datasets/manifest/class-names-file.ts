import { dirname, join } from 'node:path';
import type { RemoteFile } from '../../remote/remote-file.ts';
import { listFolder } from '../folder/folders.ts';
import type { Listing } from '../opening/listing.ts';
import { type TextFile, textLines, textPath } from './text-lines.ts';

/** What people call the file with a class a line, first to last: ImageNet's are those that begin with `LOC` and `synset`. */
const fileNames = ['classes.txt', 'labels.txt', 'synsets.txt', 'LOC_synset_mapping.txt', 'synset_words.txt'];

/** WordNet's number of a class, as ImageNet's folders are called, before its words. */
const synset = /^(n\d{8})(\s|$)/;

/** Names of classes, and the file that has them. */
export interface ClassNames {
  readonly path: string;
  readonly names: readonly string[];
}

/** Names of the classes 0, 1, 2, ... in a file beside the manifest; undefined where there is none. */
export function classNamesBeside(manifest: string, tell: (message: string) => void): ClassNames | undefined {
  const folder = dirname(manifest);
  const there = new Set(listFolder(folder).map(({ name }) => name));
  for (const name of fileNames) {
    const path = join(folder, name);
    const classes = there.has(name) && path !== join(manifest) ? classNames(path, tell) : undefined;
    if (classes !== undefined) return { path, names: classes };
  }
  return undefined;
}

/** The same beside a manifest on the network. */
export async function remoteClassNames(
  manifest: RemoteFile,
  listing: Listing,
  tell: (message: string) => void,
): Promise<ClassNames | undefined> {
  for (const name of fileNames) {
    const found = manifest.url.endsWith(`/${name}`) ? undefined : await listing.textBeside(manifest, name);
    if (found === undefined) continue;
    const names = classNames({ path: found.path, bytes: Buffer.from(found.text) }, tell);
    if (names !== undefined) return { path: found.path, names };
  }
  return undefined;
}

function classNames(file: TextFile, tell: (message: string) => void): string[] | undefined {
  const path = textPath(file);
  const lines = [...textLines(file)].map(({ text }) => text.trim());
  while (lines.at(-1) === '') lines.pop();
  const synsets = lines.map((line) => synset.exec(line)?.[1]);
  const classes = synsets.every((one) => one !== undefined) ? (synsets as string[]) : lines;
  const seen = new Set<string>(['']);
  const second = classes.findIndex((name) => seen.size === seen.add(name).size);
  if (second === -1 && classes.length > 0) return classes;
  const reason = second === -1 ? 'it is empty' : `line ${second + 1} is empty, or there already`;
  tell(`${path}: is passed over: names of classes stand one a line, each once (${reason})`);
  return undefined;
}
