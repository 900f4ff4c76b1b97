import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { MillraceError, OutputError, reasonOf } from './errors.ts';

export interface WriteOptions {
  /** What is written, for messages: 'the report'. */
  readonly what: string;
  /** Of the error. Default WRITE_FAILED. */
  readonly code?: string;
  /** Whether the bytes are to be on the disk before the name is. Default false. */
  readonly isDurable?: boolean;
  /** Whether to make the folder where it is missing. Default false. */
  readonly makesFolder?: boolean;
}

/** Writes a file as a whole: whoever reads the path finds the old one or the new one. Throws an OutputError. */
export function writeWhole(path: string, content: string | Uint8Array, options: WriteOptions): void {
  asOutput(path, options, () => {
    if (options.makesFolder) mkdirSync(dirname(path), { recursive: true });
    // a pipe, /dev/null, or a link such as /dev/stdout, is written to: it must not be replaced
    const isReplaced = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
    if (isReplaced) replaceFile(path, content, options);
    else writeFileSync(path, content);
  });
}

/** Runs what writes to the path; what the system says against it becomes an OutputError. */
export function asOutput<T>(path: string, { what, code }: WriteOptions, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw cause instanceof MillraceError ? cause : unwritable(path, { what, ...(code && { code }) }, cause);
  }
}

/** An OutputError that names the path, what was to be written, and the system's reason. */
export function unwritable(
  path: string,
  { what, code = 'WRITE_FAILED' }: Pick<WriteOptions, 'what' | 'code'>,
  cause: unknown,
): OutputError {
  return new OutputError(code, `${path}: ${what} cannot be written: ${reasonOf(cause)}`, { cause });
}

function replaceFile(path: string, content: string | Uint8Array, { isDurable }: WriteOptions): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, content);
      if (isDurable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}
