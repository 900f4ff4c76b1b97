import { closeSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, withTrueReason } from '../core/make-folder.ts';
import { asOutput } from '../core/write-whole.ts';

/** Throws an OutputError where nothing can be written to the workspace. Leaves nothing behind, no new folder either. */
export function probeWorkspace(workspace: string): void {
  asOutput(workspace, workspaceOutput, () => {
    const made = makeFolder(workspace);
    try {
      writeProbe(workspace);
    } finally {
      for (const folder of made.toReversed()) rmdirSync(folder);
    }
  });
}

export const workspaceOutput = { what: 'the workspace' };

function writeProbe(workspace: string): void {
  const path = join(workspace, `.probe.${process.pid}.tmp`);
  try {
    closeSync(openSync(path, 'w'));
  } catch (cause) {
    throw withTrueReason(cause, workspace);
  }
  rmSync(path);
}
