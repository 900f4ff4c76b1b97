/** What says that a remote object is the same one: plain data, without credentials. */
export interface RemoteFile {
  /** As the user wrote it, without query and user: `https://...`, `s3://bucket/key`, `hf://datasets/org/name@commit/path`. */
  readonly url: string;
  /** In bytes. */
  readonly size: number;
  /** As the server writes it, quotes and `W/` included. */
  readonly etag?: string | undefined;
  /** HTTP's Last-Modified: the identity where there is no ETag. */
  readonly lastModified?: string | undefined;
}

export const remoteSchemes = ['https://', 'http://', 's3://', 'hf://'] as const;

/** Whether a path names data on the network. */
export const isRemote = (path: string): boolean => remoteSchemes.some((scheme) => path.startsWith(scheme));

/** A text that differs wherever the object does: address, size, and ETag or date. */
export const identityOf = ({ url, size, etag, lastModified }: RemoteFile): string =>
  JSON.stringify([url, size, etag ?? null, etag === undefined ? (lastModified ?? null) : null]);
