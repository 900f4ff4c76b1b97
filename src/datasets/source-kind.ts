import type { Dataset } from './dataset.ts';
import type { CacheChoice, Listing } from './listing.ts';
import type { Division, Split } from './split.ts';
import type { ShardFormat } from './tar/shard-format.ts';
import type { WebDatasetOptions } from './tar/web-dataset.ts';

/** With what only some sources take: it says nothing of data of another kind. */
export interface OpenDatasetOptions
  extends CacheChoice,
    Pick<WebDatasetOptions, 'imageMember' | 'labelKey' | 'onMessage'> {
  /** For a path that holds several splits: which of them. Default 'train'. */
  readonly split?: Split;
}

/** What was seen of a path: its type, and for a file how it begins (unpacked, where it is gzipped). */
export interface PathInfo {
  readonly path: string;
  readonly isFolder: boolean;
  readonly head: Buffer;
}

/** One kind of source that a path can be. */
export interface SourceKind {
  /** For the message where a path is of no kind. */
  readonly description: string;
  /** Whether `imageMember` and `labelKey` say something of it. */
  readonly hasMembers?: boolean;
  recognises(path: PathInfo): boolean;
  /** Where the path holds which splits; none where it is undivided. */
  division(path: string): Division | Promise<Division>;
  open(path: string, options: OpenDatasetOptions): Dataset | Promise<Dataset>;
  /** How such files are read over the network, where they can be. */
  readonly remote?: RemoteKind;
}

/** Files of which a dataset on the network may have many. */
export interface RemoteKind {
  readonly format: ShardFormat;
  /** Whether a file is one, by how it begins. */
  isHead(head: Buffer): boolean;
  list(url: string, options: OpenDatasetOptions, listing: Listing): Promise<Dataset>;
}

export const undivided: Division = { train: [], val: [], test: [] };
