import { fileURLToPath } from 'node:url';
import { ParameterError, reasonOf } from './errors.ts';

/** Imports a module that a user may have written; says what to do where it is TypeScript and cannot be read here. */
export async function importModule(url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (cause) {
    throw isUnreadTypeScript(cause) ? unreadTypeScript(url, cause) : cause;
  }
}

/** The module itself or one that it imports; loaders such as tsx read it on the thread of the script alone. */
const isUnreadTypeScript = (cause: unknown): boolean =>
  (cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_UNKNOWN_FILE_EXTENSION' &&
  /"\.[cm]?tsx?"/.test(reasonOf(cause));

function unreadTypeScript(url: string, cause: unknown): ParameterError {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const reason = `Node ${process.version} does not read TypeScript here (${reasonOf(cause)})`;
  const compile = 'compile it (npx tsc, or a bundler) and run the compiled script';
  const others = 'or take Node 22.18 or later; with a loader such as tsx, workers: 0 needs no threads';
  const message = `${path}: cannot be imported: ${reason}: ${compile}, ${others} (docs/pipelines.md, "TypeScript")`;
  return new ParameterError('TYPESCRIPT_MODULE', message, { cause });
}
