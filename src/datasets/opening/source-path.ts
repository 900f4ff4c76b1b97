import { resolve } from 'node:path';
import { isRemote, type RemoteFile } from '../../remote/remote-file.ts';
import { type FilePath, pathInWords } from './file-path.ts';

/** Where a file of a dataset is: on a disk, or on the network. Plain data, as locators are. */
export type SourcePath = FilePath | RemoteFile;

export const isRemoteFile = (path: SourcePath): path is RemoteFile =>
  typeof path === 'object' && 'url' in path;

/** A path as it may be shown: of an address, without a signature or password. */
export const shownSource = (path: string): string =>
  isRemote(path) ? path.replace(/[?#].*$/, '').replace(/^(https?:\/\/)[^/@]*@/, '$1') : path;

/** A path that is the same from any folder, as runs write it down. */
export const absoluteSource = (path: string): string => (isRemote(path) ? shownSource(path) : resolve(path));

/** The path for people, or the address. */
export const sourceName = (path: SourcePath): string => (isRemoteFile(path) ? path.url : pathInWords(path));
