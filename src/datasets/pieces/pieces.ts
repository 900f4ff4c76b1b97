import type { RemoteFile } from '../../remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../../remote/remote-files.ts';
import type { FilePath } from '../opening/file-path.ts';
import { isRemoteFile, type SourcePath, sourceName } from '../opening/source-path.ts';
import { OpenFiles } from './open-files.ts';
import { type AheadRead, ReadsAhead } from './reads-ahead.ts';

/** Consecutive bytes of one of several files. */
export interface Piece {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Pieces of files by number, local ones and those on the network. */
export class Pieces {
  /** Whether a piece may have to be waited for. */
  readonly isRemote: boolean;
  readonly #paths: readonly SourcePath[];
  readonly #local: OpenFiles;
  readonly #remote: RemotePieces;
  #buffer = Buffer.allocUnsafeSlow(0);

  constructor(paths: readonly SourcePath[], options: RemoteOptions | undefined) {
    this.isRemote = paths.some(isRemoteFile);
    this.#paths = paths;
    // by the numbers of all
    this.#local = new OpenFiles(paths as readonly FilePath[]);
    this.#remote = new RemotePieces(options);
  }

  /** For people. */
  pathOf(file: number): string {
    return sourceName(this.#paths[file] as SourcePath);
  }

  /**
   * The bytes of a piece, fewer where a local file ends before. Those of a local file are there at once, and valid until
   * the next call; those from the network are the caller's own.
   */
  read(piece: Piece): Buffer | Promise<Buffer> {
    const path = this.#paths[piece.file] as SourcePath;
    if (isRemoteFile(path)) return this.#remote.read(path, piece);
    const { file, offset, length } = piece;
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
    return this.#buffer.subarray(0, this.#local.read(file, this.#buffer, length, offset));
  }

  /** Asks for pieces on the network that are read soon. */
  prefetch(pieces: readonly Piece[]): void {
    this.#remote.prefetch(pieces, (file) => this.#paths[file] as SourcePath);
  }

  async close(): Promise<void> {
    this.#local.close();
    await this.#remote.close();
  }
}

/** Pieces of objects on the network. */
class RemotePieces {
  readonly #options: RemoteOptions | undefined;
  readonly #ahead = new ReadsAhead();
  #files: RemoteFiles | undefined;

  constructor(options: RemoteOptions | undefined) {
    this.#options = options;
  }

  read(path: RemoteFile, piece: Piece): Promise<Buffer> {
    return this.#ahead.read(this.#readOf(path, piece));
  }

  prefetch(pieces: readonly Piece[], pathOf: (file: number) => SourcePath): void {
    const reads = pieces.flatMap((piece) => {
      const path = pathOf(piece.file);
      return isRemoteFile(path) ? [this.#readOf(path, piece)] : [];
    });
    this.#ahead.prefetch(reads);
  }

  async close(): Promise<void> {
    this.#ahead.clear();
    await this.#files?.close();
  }

  #readOf(path: RemoteFile, piece: Piece): AheadRead {
    const { offset, length } = piece;
    const fetch = () => {
      this.#files ??= new RemoteFiles(this.#options);
      return this.#files.read(path, offset, length);
    };
    return { key: keyOf(piece), length, fetch };
  }
}

const keyOf = ({ file, offset, length }: Piece): string => `${file}:${offset}:${length}`;

/** Goes on with a value, at once where it is there: to await it would cost each sample a turn. */
export const after = <T, Result>(
  value: T | Promise<T>,
  use: (value: T) => Result,
): Result | Promise<Result> => (value instanceof Promise ? value.then(use) : use(value));
