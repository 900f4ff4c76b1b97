import { mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError, isSystemError } from '../core/errors.ts';
import { makeFolder } from '../core/make-folder.ts';
import { unwritable } from '../core/write-whole.ts';

/** What became of a folder: it was made now, or it was there. */
export type FolderState = 'made' | 'kept';

const recipeFile = 'recipe.json';

/**
 * Makes a folder as a whole or not at all: `fill` writes into a temporary sibling, which is then renamed. The folder
 * carries its recipe in recipe.json. A folder with the same recipe is kept; any other content is never overwritten.
 */
export async function generateFolder(
  folder: string,
  recipe: Readonly<Record<string, unknown>>,
  fill: (temporary: string) => Promise<void>,
): Promise<FolderState> {
  const text = `${JSON.stringify(recipe, null, 2)}\n`;
  try {
    if (await isComplete(folder, text)) return 'kept';
    await make(folder, text, fill);
  } catch (cause) {
    throw isSystemError(cause) ? unwritable(folder, { what: 'the folder' }, cause) : cause;
  }
  return 'made';
}

async function make(
  folder: string,
  recipe: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  makeFolder(dirname(folder));
  const temporary = await mkdtemp(`${folder}.partial-`);
  try {
    await fill(temporary);
    await writeFile(join(temporary, recipeFile), recipe);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function isComplete(folder: string, recipe: string): Promise<boolean> {
  const names = await unlessMissing(readdir(folder));
  if (names === undefined) return false;
  if (names.length === 0) {
    await rmdir(folder); // Windows cannot rename onto a folder, not even onto an empty one
    return false;
  }
  const found = await unlessMissing(readFile(join(folder, recipeFile), 'utf8'));
  if (found === recipe) return true;
  const reason = found === undefined ? `holds other files (no ${recipeFile})` : `has another ${recipeFile}`;
  throw new DataError('FOLDER_IN_USE', `${folder} ${reason}: remove it or name another folder`);
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
