import { ParameterError } from '../core/errors.ts';
import { isPowerOfTwo } from '../core/power-of-two.ts';
import { prepareEnvironment } from './binding/environment.ts';
import { type Launcher, launcherOf } from './launcher.ts';
import { mismatch } from './mismatch.ts';
import { alone, type Ranks } from './ranks.ts';
import type { MpiPlace } from './thread/messages.ts';

export interface OpenRanksOptions {
  /** How long a rank waits for the others before it takes them for hung. Default 600000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the opening, which waits until all ranks are there. */
  readonly signal?: AbortSignal | undefined;
}

let opened: Promise<Ranks> | undefined;

/**
 * The ranks that a launcher started this process among; `alone` where none did. Opened once a process: a later call gives the
 * same ranks, with the first call's timeout.
 */
export async function openRanks({ timeoutMs = 600_000, signal }: OpenRanksOptions = {}): Promise<Ranks> {
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS))
    throw invalid(`timeoutMs must be above 0 and at most ${LONGEST_TIMEOUT_MS}, got ${timeoutMs}`);
  opened ??= open(timeoutMs, signal);
  return opened;
}

/** Timers of Node take no more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

async function open(timeoutMs: number, signal: AbortSignal | undefined): Promise<Ranks> {
  const launcher = launcherOf(process.env);
  if (launcher === undefined) return alone;
  if (launcher.size !== undefined) checkSize(launcher.size);
  prepareEnvironment(process.env);
  const { MpiThread } = await import('./thread/mpi-thread.ts');
  const { MpiRanks } = await import('./mpi-ranks.ts');
  const thread = await MpiThread.open(launcher.libraries, timeoutMs, signal);
  try {
    checkPlace(launcher, thread.place);
  } catch (error) {
    await thread.close();
    throw error;
  }
  return await MpiRanks.of(thread, launcher);
}

function checkPlace({ name, size: started }: Launcher, { size, library, path }: MpiPlace): void {
  if (started !== undefined && size !== started)
    throw mismatch(name, library, path, `of ${started} ranks that were started, it sees ${size}`);
  checkSize(size);
}

function checkSize(size: number): void {
  if (isPowerOfTwo(size)) return;
  const below = 2 ** Math.floor(Math.log2(size));
  throw invalid(`the number of ranks must be a power of two, got ${size}: start ${below} or ${2 * below}`);
}

const invalid = (reason: string) => new ParameterError('INVALID_OPTION', `ranks: ${reason}`);
