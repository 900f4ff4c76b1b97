import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const distOf = (path: string) => new URL(`../../${path}`, import.meta.url);
export const main = fileURLToPath(distOf('src/cli/main.js'));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the last line of stdout to the end of the process. */
  readonly lingeredMs: number;
  /** Whether the process's group is empty: nothing that it started is left. */
  readonly isAlone: boolean;
}

export interface ProcessOptions {
  /** Called with the process's id when it is started. */
  readonly onStart?: (pid: number) => void;
  /** Called with all of stderr so far when something is written to it. */
  readonly onStderr?: (text: string, pid: number) => unknown;
  /** Called with the process's id after each whole line of stdout. */
  readonly onLine?: (line: string, pid: number) => unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether `env` is all it gets, and nothing of this process's. Default false. */
  readonly isBare?: boolean;
  /** What it reads on stdin. Left out: stdin stays open, and nothing comes. */
  readonly stdin?: string;
  /** Number of the user to run as; only root may choose. */
  readonly uid?: number | undefined;
}

/** When a process counts as hanging. Those that do not end in seconds, where nothing else runs. */
const TIMEOUT_MS = 120_000;

/** Runs `millrace ...args` to its end; a process that hangs is killed, and fails with code null. */
export function millrace(args: readonly string[], options: ProcessOptions = {}): Promise<Finished> {
  return runNode([main, ...args], options);
}

/** The same of a copy of the package. */
export function millraceIn(
  root: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Finished> {
  return runNode([join(root, 'dist/src/cli/main.js'), ...args], options);
}

/** Runs the text of a module in which `millrace` is the public surface and `support` the test's own operators. */
export function script(text: string, options: ProcessOptions = {}): Promise<Finished> {
  return scriptWith({ millrace: 'src/index.js', support: 'test/support/tint.js' }, text, options);
}

/** Runs the text of a module in which modules of ours have these names. */
export function scriptWith(
  modules: Readonly<Record<string, string>>,
  text: string,
  options: ProcessOptions = {},
): Promise<Finished> {
  return runNode(scriptArguments(modules, text), options);
}

/** Arguments of Node that run this text. */
export function scriptArguments(modules: Readonly<Record<string, string>>, text: string): string[] {
  const imports = Object.entries(modules)
    .map(([name, path]) => `import * as ${name} from '${distOf(path)}';`)
    .join(' ');
  return ['--input-type=module', '--eval', `${imports}\n${text}`];
}

/** Runs `millrace ...args` into a pipe that nobody reads; ends with its exit code. */
export function millraceUnread(args: readonly string[]): Promise<Finished> {
  return runCommand(
    'bash',
    ['-o', 'pipefail', '-c', '"$0" "$@" | true', process.execPath, main, ...args],
    {},
  );
}

/** Runs `millrace ...args` with files limited to so many KiB, which makes writes fail as a full disk does. */
export function millraceWithLimit(kibibytes: number, args: readonly string[]): Promise<Finished> {
  const text = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" "$@"`;
  return runCommand('bash', ['-c', text, process.execPath, main, ...args], {});
}

function runNode(args: readonly string[], options: ProcessOptions): Promise<Finished> {
  return runCommand(process.execPath, args, options);
}

/** Runs a command to its end; one that hangs is killed with all that it started. */
export function runCommand(
  command: string,
  args: readonly string[],
  { onStart, onStderr, onLine, env = {}, isBare = false, stdin, uid }: ProcessOptions,
): Promise<Finished> {
  // a group of its own, to see and to end whatever it starts
  const child = spawn(command, args, {
    detached: true,
    env: isBare ? env : { ...process.env, ...env },
    ...(uid !== undefined && { uid }),
  });
  const pid = child.pid as number;
  onStart?.(pid);
  if (stdin !== undefined) child.stdin.end(stdin);
  const kill = () => void killGroup(pid);
  const timer = setTimeout(kill, TIMEOUT_MS);
  onTestFinished(kill);
  let [stdout, stderr, lastOutput, read] = ['', '', performance.now(), 0];
  child.stderr.setEncoding('utf8').on('data', (data) => {
    stderr += data;
    onStderr?.(stderr, pid);
  });
  child.stdout.setEncoding('utf8').on('data', (data) => {
    lastOutput = performance.now();
    stdout += data;
    for (let end = stdout.indexOf('\n', read); end !== -1; end = stdout.indexOf('\n', read)) {
      if (end > read) onLine?.(stdout.slice(read, end), pid);
      read = end + 1;
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      const lingeredMs = performance.now() - lastOutput;
      resolve({ code, stdout, stderr, lingeredMs, isAlone: !isGroupAlive(pid) });
    });
  });
}

/** Sends a signal to a process; false where it has ended. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Ends a process and all that it started; one that has ended already is left alone. */
export const killGroup = (pid: number): boolean => signal(-pid, 'SIGKILL');

const isGroupAlive = (pid: number): boolean => signal(-pid, 0);
