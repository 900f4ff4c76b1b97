import { readdirSync, readFileSync } from 'node:fs';

/**
 * Watches the memory of a process and of all that it started, twice a second. Each page counts once, however many of
 * them share it (Linux's PSS). stop() gives the peak in bytes; undefined where the system has no /proc.
 */
export function watchMemory(pid: number): { stop(): number | undefined } {
  let peak = 0;
  const sample = (): void => {
    peak = Math.max(peak, memoryOfTree(pid));
  };
  sample();
  const timer = setInterval(sample, 500).unref();
  return {
    stop() {
      clearInterval(timer);
      return peak === 0 ? undefined : peak;
    },
  };
}

function memoryOfTree(root: number): number {
  const parents = processParents();
  const isInTree = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isInTree(parents.get(pid)));
  return [...parents.keys()].filter(isInTree).reduce((sum, pid) => sum + memoryOf(pid), 0);
}

/** Parent of every process there is now. */
function processParents(): Map<number, number> {
  const pids = (readIfThere(() => readdirSync('/proc')) ?? []).map(Number).filter(Number.isInteger);
  const parents = new Map<number, number>();
  for (const pid of pids) {
    const stat = readIfThere(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
    // pid (name) state parent ...; the name may hold spaces and brackets
    const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(pid, Number(parent));
  }
  return parents;
}

function memoryOf(pid: number): number {
  const rollup = readIfThere(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return 1024 * Number(rollup?.match(/^Pss: +(\d+) kB$/m)?.[1] ?? 0);
}

/** undefined when the process ended meanwhile, or there is no /proc. */
function readIfThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
