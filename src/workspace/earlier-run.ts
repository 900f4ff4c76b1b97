import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '../core/errors.ts';
import { asOutput } from '../core/write-whole.ts';

/** Names of the files in a workspace that a run has left; none where there is no such folder. */
export function filesOfRun(workspace: string, isOfRun: (name: string) => boolean): string[] {
  try {
    return readdirSync(workspace).filter(isOfRun).sort();
  } catch (cause) {
    // what is in the way of a workspace is told where it is made
    if (isSystemError(cause)) return [];
    throw cause;
  }
}

/**
 * Moves a run's files into a folder of their own in the workspace, and returns its path. In the workspace, since that
 * may be a disk of its own; the files alone, since others may lie beside them.
 */
export function setAside(workspace: string, files: readonly string[]): string {
  return asOutput(workspace, { what: 'the folder for the earlier run' }, () => {
    const folder = newFolder(workspace);
    for (const name of files) renameSync(join(workspace, name), join(folder, name));
    return folder;
  });
}

function newFolder(workspace: string): string {
  for (let number = 1; ; number++) {
    const folder = join(workspace, `earlier-run-${number}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (cause) {
      if (!isSystemError(cause) || cause.code !== 'EEXIST') throw cause;
    }
  }
}
