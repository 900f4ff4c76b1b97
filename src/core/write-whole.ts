import { lstat, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError, MillraceError, OutputError, reasonOf } from './errors.ts';
import { makeFolder } from './make-folder.ts';

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
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions,
): Promise<void> {
  try {
    if (options.makesFolder) makeFolder(dirname(path));
    // a pipe, /dev/null, or a link such as /dev/stdout, is written to: it must not be replaced
    if (await isReplaced(path)) await replaceFile(path, content, options);
    else await writeFile(path, content);
  } catch (cause) {
    throw unwritable(path, options, cause);
  }
}

async function isReplaced(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'ENOENT') return true;
    throw cause;
  }
}

/** Runs what writes to the path step by step; what the system says against it becomes an OutputError. */
export function asOutput<T>(path: string, options: WriteOptions, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw cause instanceof MillraceError ? cause : unwritable(path, options, cause);
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

async function replaceFile(
  path: string,
  content: string | Uint8Array,
  { isDurable }: WriteOptions,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      if (isDurable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
