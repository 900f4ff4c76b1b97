import type { RemoteFile } from '../remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../remote/remote-files.ts';
import type { FilePath } from './file-path.ts';
import { OpenFiles } from './open-files.ts';
import { isRemoteFile, type SourcePath, sourceName } from './source-path.ts';

/** Consecutive bytes of one of several files. */
export interface Piece {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Of samples that a thread is about to read: more is asked for only when it is read. */
const MAX_AHEAD_BYTES = 64 * 2 ** 20;

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

/** A piece that is on its way. */
interface Expected {
  readonly bytes: Promise<Buffer>;
  readonly length: number;
  /** Reads that are to come. */
  wanted: number;
  /** The call of `prefetch` that named it last. */
  round: number;
}

/** What was asked for in advance, until it is read, or the call after the next names other pieces. */
class RemotePieces {
  readonly #options: RemoteOptions | undefined;
  readonly #expected = new Map<string, Expected>();
  #files: RemoteFiles | undefined;
  #bytes = 0;
  #round = 0;

  constructor(options: RemoteOptions | undefined) {
    this.#options = options;
  }

  read(path: RemoteFile, piece: Piece): Promise<Buffer> {
    const key = keyOf(piece);
    const expected = this.#expected.get(key);
    if (expected === undefined) return this.#fetch(path, piece);
    if (--expected.wanted === 0) this.#drop(key, expected);
    return expected.bytes;
  }

  prefetch(pieces: readonly Piece[], pathOf: (file: number) => SourcePath): void {
    this.#round++;
    // a row that was replaced, or whose thread was lost, is never read
    for (const [key, expected] of this.#expected)
      if (expected.round < this.#round - 1) this.#drop(key, expected);
    for (const piece of pieces) {
      const path = pathOf(piece.file);
      if (isRemoteFile(path)) this.#expect(path, piece);
    }
  }

  async close(): Promise<void> {
    this.#expected.clear();
    await this.#files?.close();
  }

  #expect(path: RemoteFile, piece: Piece): void {
    const key = keyOf(piece);
    const expected = this.#expected.get(key);
    if (expected !== undefined) {
      expected.wanted++;
      expected.round = this.#round;
      return;
    }
    if (this.#bytes + piece.length > MAX_AHEAD_BYTES) return;
    const bytes = this.#fetch(path, piece);
    // it fails where the piece is read
    bytes.catch(() => {});
    this.#expected.set(key, { bytes, length: piece.length, wanted: 1, round: this.#round });
    this.#bytes += piece.length;
  }

  #drop(key: string, { length }: Expected): void {
    this.#expected.delete(key);
    this.#bytes -= length;
  }

  #fetch(path: RemoteFile, { offset, length }: Piece): Promise<Buffer> {
    this.#files ??= new RemoteFiles(this.#options);
    return this.#files.read(path, offset, length);
  }
}

const keyOf = ({ file, offset, length }: Piece): string => `${file}:${offset}:${length}`;

/** Goes on with a value, at once where it is there: to await it would cost each sample a turn. */
export const after = <T, Result>(
  value: T | Promise<T>,
  use: (value: T) => Result,
): Result | Promise<Result> => (value instanceof Promise ? value.then(use) : use(value));
