import type { RemoteFile } from '../../remote/remote-file.ts';
import type { Dataset } from '../dataset.ts';
import type { MemberOptions } from '../tar/tar-samples.ts';
import type { KnownAddresses } from './known-addresses.ts';
import type { CacheChoice, FoundFiles, Listing } from './listing.ts';
import type { Division, Split } from './split.ts';

/** How samples are found in what a path holds: each says something of some kinds of sources only. */
export interface FindingOptions extends MemberOptions {
  /** Of a list of images: the folder that its paths are in. Default: that of the list. */
  readonly imageRoot?: string | undefined;
  /** Of a list of images: what stands between several classes of one, such as `|`. Default: each has one class. */
  readonly labelSeparator?: string | undefined;
  /** Of TFRecords: the class that becomes label 0. Default: 1 where the classes count from 1, else 0. */
  readonly labelOffset?: number | undefined;
  /** Of CIFAR-100: whether its 20 coarse classes are taken. Default: the 100 fine ones. */
  readonly coarse?: boolean | undefined;
}

/** How samples are found, and how what lies on the network is read. */
export interface SourceOptions extends FindingOptions, CacheChoice {}

/** The flag of each, for messages. */
export const sourceFlags = {
  imageMember: '--image-member',
  labelKey: '--label-key',
  imageRoot: '--image-root',
  labelSeparator: '--label-separator',
  labelOffset: '--label-offset',
  coarse: '--coarse',
} as const satisfies Record<keyof Required<FindingOptions>, string>;

const sourceNames: readonly (keyof SourceOptions)[] = [
  ...(Object.keys(sourceFlags) as (keyof FindingOptions)[]),
  ...(['cache', 'cacheLimit'] as const),
];

/** Those of a job's options that say how samples are found and read; or those that `otherwise` says. */
export function sourceOptionsOf(options: SourceOptions, otherwise: SourceOptions = {}): SourceOptions {
  return Object.fromEntries(sourceNames.map((name) => [name, options[name] ?? otherwise[name]]));
}

export interface OpenDatasetOptions extends SourceOptions {
  /** For a path that holds several splits: which of them. Default 'train'. */
  readonly split?: Split;
  /** Hears what is passed over, what takes long, and which options say nothing. */
  readonly onMessage?: ((message: string) => void) | undefined;
  /** What other datasets of the same run have found at addresses. Default: nothing, so that all is looked up. */
  readonly known?: KnownAddresses | undefined;
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
  /** The options that say something of it. Default: none. */
  readonly options?: readonly (keyof SourceOptions)[];
  recognises(path: PathInfo): boolean;
  /** Where the path holds which splits; none where it is undivided. */
  division(path: string): Division | Promise<Division>;
  open(path: string, options: OpenDatasetOptions): Dataset | Promise<Dataset>;
  /** How such files are read over the network, where they can be. */
  readonly remote?: RemoteKind;
}

/** A kind of source on the network: at an address of an object, or of a folder of S3 or the hub. */
export interface RemoteKind {
  /** Whether an object is one, by how it begins or by its name. */
  isObject(head: Buffer, name: string): boolean;
  /** Whether a folder with these objects is one. */
  isFolder(url: string, files: readonly RemoteFile[]): boolean;
  /** Where an address holds which splits. */
  division(url: string, found: FoundFiles, listing: Listing): Division | Promise<Division>;
  open(url: string, found: FoundFiles, options: OpenDatasetOptions, listing: Listing): Promise<Dataset>;
}

export const undivided: Division = { train: [], val: [], test: [] };
