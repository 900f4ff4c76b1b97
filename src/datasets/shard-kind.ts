import { basename, join } from 'node:path';
import type { Dataset } from './dataset.ts';
import { pathIn } from './file-path.ts';
import { byCodeUnit, foldersIn, isFolderPath } from './folder/folders.ts';
import { holdsImages } from './folder/holds-images.ts';
import type { OpenDatasetOptions, PathInfo, SourceKind } from './source-kind.ts';
import { undivided } from './source-kind.ts';
import { type Division, divide, noSplit, onlyOne, type Split, splitCalled, splitsIn } from './split.ts';
import { expandBraces } from './tar/brace-list.ts';
import { isShardList, type ShardFormat, shardsIn } from './tar/chosen-shards.ts';
import { divideShards } from './tar/shard-splits.ts';

/** A kind of source of which a dataset may have many files: where they are, and what opens them. */
export interface ShardSource {
  readonly description: string;
  readonly format: ShardFormat;
  /** A name such as `*.tar`, for messages. */
  readonly pattern: string;
  /** Whether a file is one, by how it begins. */
  isHead(head: Buffer): boolean;
  /** Whether a list in braces is of such files. */
  isList(path: string): boolean;
  open(path: string, options: OpenDatasetOptions): Dataset;
}

/** One file, a list of them in braces, a folder of them, or one with folders of them that are named as a split. */
export class ShardKind implements SourceKind {
  readonly description: string;
  readonly hasMembers = true;
  readonly #source: ShardSource;

  constructor(source: ShardSource) {
    this.description = source.description;
    this.#source = source;
  }

  recognises({ path, isFolder, head }: PathInfo): boolean {
    const { format, isHead, isList } = this.#source;
    if (isFolder) return this.#isShardFolder(path) || splitsIn(this.#folders(path)).length > 0;
    if (isShardList(path)) return isList(path);
    return isHead(head) || format.isShardName(path);
  }

  division(path: string): Division {
    if (isShardList(path)) return listDivision(expandBraces(path));
    if (!isFolderPath(path)) return undivided;
    const folders = this.#folders(path);
    return splitsIn(folders).length > 0 ? folders : divideShards(this.#shardsIn(path));
  }

  open(path: string, { split, ...options }: OpenDatasetOptions): Dataset {
    const { open } = this.#source;
    const wanted = split ?? 'train';
    if (isShardList(path) && (splitsIn(this.division(path)).length > 0 || wanted !== 'train'))
      return open(path, { ...options, split: wanted });
    const isOneShard = !isFolderPath(path);
    // it is named outright, whatever its name says
    if (isOneShard && wanted === 'train') return open(path, options);
    const folders = isOneShard ? undivided : this.#folders(path);
    if (!isOneShard && splitsIn(folders).length === 0)
      return open(path, { ...options, ...(split && { split }) });
    const name = onlyOne(path, folders, wanted);
    if (name !== undefined) return this.#openFolder(join(path, name), wanted, options);
    const reason = `split (expected a folder named ${wanted} with ${this.#source.pattern} files in it)`;
    throw noSplit(path, wanted, folders, reason);
  }

  /** All shards of a split's folder, unless some of them are named as another split. */
  #openFolder(folder: string, split: Split, options: OpenDatasetOptions): Dataset {
    const isDivided = divideShards(this.#shardsIn(folder))[split].length > 0;
    return this.#source.open(folder, { ...options, ...(isDivided && { split }) });
  }

  /** A folder of shards, and not of class folders beside which a shard lies. */
  #isShardFolder(path: string): boolean {
    return (
      this.#shardsIn(path).length > 0 && !foldersIn(path).some((name) => holdsImages(pathIn(path, name), 2))
    );
  }

  /** Folders of shards that are named as a split. */
  #folders(path: string): Division {
    return divide(foldersIn(path).sort(byCodeUnit), (name) => {
      const split = splitCalled(name);
      return split !== undefined && this.#isShardFolder(join(path, name)) ? split : undefined;
    });
  }

  #shardsIn(folder: string): string[] {
    return shardsIn(folder, this.#source.format);
  }
}

/** Folders of shards are divided by the shards in them, or not at all. */
function listDivision(paths: readonly string[]): Division {
  return paths.some((path) => isFolderPath(path))
    ? undivided
    : divideShards(paths.map((path) => basename(path)));
}
