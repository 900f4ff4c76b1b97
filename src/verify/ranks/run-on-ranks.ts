import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environmentForLauncher } from './find-launcher.ts';
import type { Word } from './words.ts';

/** How a training on some ranks ended. */
export interface Trained {
  /** Undefined where no rank got so far that it knew the others. */
  readonly ranks?: number;
  readonly library?: string;
  readonly digest?: string;
  /** What it said of a failure. */
  readonly failure?: string;
}

const program = fileURLToPath(new URL('./short-training.js', import.meta.url));

/** Seconds that it takes on any machine, many times over. */
const TIMEOUT_MS = 120_000;
/** How long a launcher may take to end its ranks. */
const GRACE_MS = 5000;

/** Trains on so many ranks of a launcher; without one, in a process of its own. Rejects where `signal` aborts. */
export async function trainOnRanks(
  launcher: string | undefined,
  count: number,
  signal?: AbortSignal,
): Promise<Trained> {
  signal?.throwIfAborted();
  const command = [
    ...(launcher === undefined ? [] : [launcher, '-n', String(count)]),
    process.execPath,
    program,
  ];
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentForLauncher(process.env),
  });
  const end = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
  };
  const timer = setTimeout(end, TIMEOUT_MS);
  signal?.addEventListener('abort', end);
  try {
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
    await once(child, 'close');
    signal?.throwIfAborted();
    return {
      ...wordsIn(stdout()),
      ...(child.exitCode !== 0 && { failure: failureIn(stderr(), child.exitCode) }),
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** All that a stream has said so far. */
function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  return () => text;
}

function wordsIn(stdout: string): Omit<Trained, 'failure'> {
  const words = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Word);
  return Object.assign({}, ...words);
}

/** The line of millrace's own, else the launcher's first. */
function failureIn(stderr: string, code: number | null): string {
  if (code === null) return `did not end in ${TIMEOUT_MS / 1000} s`;
  const lines = stderr.split('\n').map((line) => line.trim());
  const line = lines.find((one) => one.startsWith('error: ')) ?? lines.find((one) => /\w/.test(one));
  return `exit code ${code}: ${line ?? 'it said nothing'}`;
}
