import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Finding } from './finding.ts';

const program = fileURLToPath(new URL('./gpu-probe.js', import.meta.url));

/** Dawn prints one for every adapter that it looks at, whatever is asked of it, and no option of it says no. */
const isExpected = (line: string): boolean => /^Warning: max\w+ artificially reduced from /.test(line);

/**
 * What the GPU adapters of this machine are, asked in a process of its own.
 *
 * @param log hears what else the drivers print
 * @param isTested whether to find out how each computes, by the trainer's self-test
 */
export async function probeGpus(log: (line: string) => void, isTested: boolean): Promise<Finding[]> {
  const probe = spawn(process.execPath, [program, ...(isTested ? ['self-test'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve, reject) => {
    probe.on('error', reject);
    probe.on('close', (code, signal) => resolve(signal ?? code));
  });
  const [output, errors, end] = await Promise.all([text(probe.stdout), text(probe.stderr), ended]);
  for (const line of errors.split('\n')) if (line !== '' && !isExpected(line)) log(line);
  if (end === 0) return JSON.parse(output) as Finding[];
  const detail = `cannot be asked: the process that asked ended with ${end}`;
  return [
    { name: 'GPU adapter', status: 'optional', detail, advice: 'update the GPU driver' },
    { name: 'device auto', status: 'ok', detail: 'the trainer graph computes on the CPU' },
  ];
}
