/** What tells files of one kind in a folder, of which a dataset may have many. */
export interface ShardFormat {
  /** The function that reads them, for messages. */
  readonly reader: string;
  /** A name that says its split, train, for messages. Default: that of a tar. */
  readonly example?: string;
  isShardName(name: string): boolean;
}
