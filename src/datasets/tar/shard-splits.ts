import { basename } from 'node:path';
import { type SourcePath, sourceName } from '../opening/source-path.ts';
import { type Division, divide, noSplit, type Split, splitIn, splitsIn } from '../opening/split.ts';

/** Which shards are of which split by their names: `train-000.tar`. Shards that say none, beside others, are train. */
export function divideShards(names: readonly string[]): Division {
  const named = divide(names, splitIn);
  const others = names.filter((name) => splitIn(name) === undefined);
  return splitsIn(named).length === 0 || named.train.length > 0 ? named : { ...named, train: others };
}

/** The shards of a split, and which it is; all where their names say no split, or one, and none is asked for. */
export function shardsOfSplit(
  source: string,
  paths: readonly SourcePath[],
  split: Split | undefined,
  example = 'train-000.tar',
): { readonly paths: readonly SourcePath[]; readonly split?: Split } {
  const nameOf = (path: SourcePath) => basename(sourceName(path));
  const division = divideShards(paths.map(nameOf));
  const [first, second] = splitsIn(division);
  if (first === undefined && (split ?? 'train') === 'train') return { paths };
  if (split === undefined && second === undefined) return { paths, split: first as Split };
  const wanted = split ?? 'train';
  const names = new Set(division[wanted]);
  if (names.size > 0) return { paths: paths.filter((path) => names.has(nameOf(path))), split: wanted };
  throw noSplit(
    source,
    wanted,
    division,
    `split (expected files named like ${example.replace('train', wanted)})`,
  );
}
