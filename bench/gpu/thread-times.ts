import { readdirSync, readFileSync } from 'node:fs';

/** The threads of this process, by what started them. `node`: those that are there before anything runs. */
export type ThreadGroup = 'calling' | 'node' | 'driver' | 'workers';
export type ThreadTimes = Readonly<Record<ThreadGroup, number>>;

/**
 * Processor time by groups of threads. Threads do not tell who they are: they belong to the group that was named when
 * they first appeared. A thread that ends takes its time along.
 */
export class ThreadWatch {
  readonly #groups = new Map<number, ThreadGroup>([[process.pid, 'calling']]);
  #before = new Map<number, number>();

  /** All threads that have come since belong to this group. */
  assign(group: ThreadGroup): void {
    for (const tid of readThreads().keys()) if (!this.#groups.has(tid)) this.#groups.set(tid, group);
  }

  /** Milliseconds since the lap before; undefined where the system has no /proc. */
  lap(): ThreadTimes | undefined {
    const now = readThreads();
    if (now.size === 0) return undefined;
    const times = { calling: 0, node: 0, driver: 0, workers: 0 };
    for (const [tid, milliseconds] of now) {
      const group = this.#groups.get(tid) ?? 'workers';
      times[group] += milliseconds - (this.#before.get(tid) ?? 0);
    }
    this.#before = now;
    return times;
  }
}

/** Linux tells times in hundredths of a second, whatever its clock. */
const MS_PER_TICK = 10;

/** Milliseconds that each thread of this process has run, in user and system mode. */
function readThreads(): Map<number, number> {
  const times = new Map<number, number>();
  for (const tid of readIfThere(() => readdirSync('/proc/self/task')) ?? []) {
    const stat = readIfThere(() => readFileSync(`/proc/self/task/${tid}/stat`, 'latin1'));
    if (stat === undefined) continue;
    // pid (name) state parent ...; times are the 14th and 15th field
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    times.set(Number(tid), (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK);
  }
  return times;
}

/** undefined when the thread ended meanwhile, or there is no /proc. */
function readIfThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
