import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BackendError, reasonOf } from '../../../src/core/errors.ts';
import type { AdapterDescription } from './adapter.ts';

const program = fileURLToPath(new URL('./adapter-probe.js', import.meta.url));
/** A driver that takes longer hangs. */
const TIMEOUT_MS = 60_000;

/**
 * What `findAdapter` would find, asked in a process of its own, for those who may do without a GPU: what Dawn and drivers print
 * stays there, and a driver that crashes ends that process alone. Throws as `findAdapter` does, or with NO_ANSWER.
 */
export async function askAdapter(choice?: string): Promise<AdapterDescription | undefined> {
  const { found, code, message } = JSON.parse(await answer(choice));
  if (message !== undefined) throw new BackendError(code ?? 'NO_ANSWER', message);
  return found;
}

async function answer(choice: string | undefined): Promise<string> {
  const args = [program, ...(choice === undefined ? [] : [choice])];
  try {
    return (await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS })).stdout;
  } catch (cause) {
    // the first line is the command, those after it what was printed
    const { signal, code } = cause as NodeJS.ErrnoException & { readonly signal?: string };
    const reason = signal ?? code ?? reasonOf(cause);
    throw new BackendError('NO_ANSWER', `the process that asked for GPUs ended with ${reason}`, { cause });
  }
}
