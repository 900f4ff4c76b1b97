import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BackendError, reasonOf } from '../../../src/core/errors.ts';

/** A driver that takes longer hangs. */
const TIMEOUT_MS = 60_000;

/** What a program beside this file prints of the machine's GPUs. Throws NO_ANSWER where it fails. */
export async function askProgram(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const env = { ...process.env, ...environment };
  try {
    return await promisify(execFile)(process.execPath, [program, ...args], { timeout: TIMEOUT_MS, env });
  } catch (cause) {
    // the first line is the command, those after it what was printed
    const { signal, code } = cause as NodeJS.ErrnoException & { readonly signal?: string };
    const reason = signal ?? code ?? reasonOf(cause);
    throw new BackendError('NO_ANSWER', `the process that asked for GPUs ended with ${reason}`, { cause });
  }
}
