import cliProgress from 'cli-progress';
import { escapeControls } from '../core/escape-controls.ts';
import { exitCodes } from '../core/exit-codes.ts';
import { unwritable } from '../core/write-whole.ts';

/** Where a command writes: data to stdout, everything for people to stderr. */
export interface Terminal {
  /** A line of data (JSON with `--json`). */
  data(line: string): void;
  /** A line for people. */
  log(line: string): void;
  /**
   * A progress bar on a terminal, a line every half minute elsewhere, nothing with `--quiet`.
   * @param every a line each so many updates instead
   */
  progress(total: number, label: string, every?: number): Progress;
}

export interface Progress {
  update(done: number, message: string): void;
  /** A line for people, above the bar where there is one. */
  log(line: string): void;
  stop(): void;
}

const LINE_INTERVAL_MS = 30_000;

/** A reader such as `head` may leave early: that ends the process, whose verdict nobody has then, as SIGPIPE ends others. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.unread);
    const { message, code } = unwritable('stdout', { what: 'the output' }, error);
    process.stderr.write(`error: ${message} [${code}]\n`);
    process.exit(exitCodes.failed);
  });
}

interface TerminalOptions {
  readonly quiet?: boolean;
  /** Asked whenever something is to be written: true while another rank speaks for this one. */
  readonly isSilent?: () => boolean;
}

export function openTerminal({ quiet = false, isSilent = () => false }: TerminalOptions = {}): Terminal {
  const log = (line: string) => {
    if (!quiet && !isSilent()) process.stderr.write(`${escapeControls(line)}\n`);
  };
  return {
    data(line) {
      if (!isSilent()) process.stdout.write(`${escapeControls(line)}\n`);
    },
    log,
    progress(total, label, every) {
      if (quiet || isSilent()) return { update() {}, log() {}, stop() {} };
      if (every !== undefined) return lineProgress(total, label, log, (done) => done % every === 0);
      return process.stderr.isTTY ? barProgress(total, label) : lineProgress(total, label, log, byClock());
    },
  };
}

function barProgress(total: number, label: string): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${label} {bar} {percentage}% | {message} | {eta_formatted} left`,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  bar.start(total, 0, { message: '' });
  return {
    update: (done, message) => bar.update(done, { message }),
    // in place of the bar, which the next update draws below
    log: (line) => process.stderr.write(`\r\u001b[K${escapeControls(line)}\n`),
    stop: () => bar.stop(),
  };
}

/** True when a line is due. */
type LineRule = (done: number) => boolean;

function byClock(): LineRule {
  let last = performance.now();
  return () => {
    const isDue = performance.now() - last >= LINE_INTERVAL_MS;
    if (isDue) last = performance.now();
    return isDue;
  };
}

function lineProgress(total: number, label: string, log: (line: string) => void, isDue: LineRule): Progress {
  return {
    update(done, message) {
      if (!isDue(done)) return;
      log(`${label} ${done}/${total} | ${message}`);
    },
    log,
    stop() {},
  };
}
