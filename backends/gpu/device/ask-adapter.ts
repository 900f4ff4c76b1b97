import { BackendError } from '../../../src/core/errors.ts';
import type { AdapterDescription } from './adapter.ts';
import { askProgram } from './ask-program.ts';

/**
 * What `findAdapter` would find, asked in a process of its own, for those who may do without a GPU: what Dawn and drivers print
 * stays there, and a driver that crashes ends that process alone. Throws as `findAdapter` does, or with NO_ANSWER.
 */
export async function askAdapter(choice?: string): Promise<AdapterDescription | undefined> {
  const { stdout } = await askProgram('./adapter-probe.js', choice === undefined ? [] : [choice]);
  const { found, code, message } = JSON.parse(stdout);
  if (message !== undefined) throw new BackendError(code ?? 'NO_ANSWER', message);
  return found;
}
