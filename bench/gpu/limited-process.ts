import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Outcome = 'done' | 'failed' | 'too long';

/** How long a process that was told to end may take. */
const ENDING_MS = 5000;

/**
 * Runs a program of Node as a process of its own, and hands on what it writes to stdout. When the time is up it is ended, with
 * all processes that it has started: nothing else ends one that waits for a driver.
 */
export async function runLimited(
  args: readonly string[],
  seconds: number,
  onOutput: (text: string) => void,
): Promise<Outcome> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const end = (signal: NodeJS.Signals) => endAll(child, signal);
  const interrupted = (signal: NodeJS.Signals) => {
    end('SIGKILL');
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, interrupted);
  let isTooLong = false;
  const limit = setTimeout(() => {
    isTooLong = true;
    end('SIGTERM');
  }, seconds * 1000);
  const kill = setTimeout(() => end('SIGKILL'), seconds * 1000 + ENDING_MS);
  try {
    child.stdout.setEncoding('utf8').on('data', onOutput);
    const [code] = await once(child, 'close');
    if (isTooLong) return 'too long';
    return code === 0 ? 'done' : 'failed';
  } finally {
    clearTimeout(limit);
    clearTimeout(kill);
    for (const signal of signals) process.off(signal, interrupted);
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const;

/** The process and all that it has started: it leads a group of its own. */
function endAll(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {
    // it has ended by itself, or the system has no groups
    child.kill(signal);
  }
}
