import { existsSync, readdirSync } from 'node:fs';
import { until } from '../backends/threads/waiting.ts';
import { ownMemory } from '../src/training/memory-watch.ts';
import type { SoakSample } from './soak-verdict.ts';

const EXIT_TIMEOUT_MS = 3_000;

/** What a soak gives to be judged. */
export interface SoakRun {
  readonly samples: readonly SoakSample[];
  /** What was done, in words. */
  readonly work: string;
  /** Threads that the work had for itself, which have to end with it. */
  readonly workers: number;
}

/**
 * What the process holds now.
 * @param held what the engine says that it holds: bytes
 */
export const sampleOf = (images: number, held: number): SoakSample => ({
  ...{ images, held },
  resident: process.memoryUsage.rss(),
  own: ownMemory(),
  descriptors: entriesOf('/proc/self/fd'),
  handles: process.getActiveResourcesInfo().length,
  threads: threads(),
});

const entriesOf = (folder: string): number | undefined =>
  existsSync(folder) ? readdirSync(folder).length : undefined;

const threads = (): number | undefined => entriesOf('/proc/self/task');

/**
 * Once the work has ended, the process has as many threads fewer as the work had for itself. The system lists a thread a
 * little longer than its end is known.
 */
export async function leftThreads({ samples, workers }: SoakRun): Promise<string[]> {
  const before = samples.at(-1)?.threads;
  if (before === undefined) return [];
  const left = () => (threads() as number) - (before - workers);
  const end = performance.now() + EXIT_TIMEOUT_MS;
  await until(() => left() <= 0 || performance.now() > end);
  return left() <= 0 ? [] : [`${left()} of ${workers} threads are left`];
}

/** Fails the process if something else keeps it alive. */
export function expectExit(): void {
  const isAlive = () => {
    process.stderr.write(`failed: the process is alive: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.exit(1);
  };
  setTimeout(isAlive, EXIT_TIMEOUT_MS).unref();
}
