import { closeSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '../core/errors.ts';
import { makeFolder, withTrueReason } from '../core/make-folder.ts';
import { asOutput } from '../core/write-whole.ts';

/** Throws an OutputError where nothing can be written to the workspace. Leaves nothing behind, no new folder either. */
export function probeWorkspace(workspace: string): void {
  asOutput(workspace, workspaceOutput, () => {
    const made = makeFolder(workspace);
    try {
      writeProbe(workspace);
    } finally {
      removeEmpty(made);
    }
  });
}

export const workspaceOutput = { what: 'the workspace' };

/** But for folders that another run has begun to use. */
function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders.toReversed()) rmdirSync(folder);
  } catch (cause) {
    if (!isSystemError(cause) || cause.code !== 'ENOTEMPTY') throw cause;
  }
}

function writeProbe(workspace: string): void {
  const path = join(workspace, `.probe.${process.pid}.tmp`);
  try {
    closeSync(openSync(path, 'w'));
  } catch (cause) {
    throw withTrueReason(cause, workspace);
  }
  rmSync(path);
}
