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

/**
 * Seconds of processor time that a process, and all that it started and that still runs, have taken so far. undefined
 * where the system has no /proc.
 */
export function processorSeconds(pid: number): number | undefined {
  const processes = readTree(pid);
  if (processes.length === 0) return undefined;
  return processes.reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}

/** Linux tells times in hundredths of a second, whatever its clock. */
const ticksPerSecond = 100;

const memoryOfTree = (root: number): number =>
  readTree(root).reduce((sum, { pid }) => sum + memoryOf(pid), 0);

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Processor time, in user and system mode, of all its threads. */
  readonly ticks: number;
}

/** The process `root` and all below it. */
function readTree(root: number): Process[] {
  const all = new Map(readProcesses().map((process) => [process.pid, process]));
  const isInTree = (pid: number): boolean => {
    const process = all.get(pid);
    return process !== undefined && (pid === root || isInTree(process.parent));
  };
  return [...all.values()].filter(({ pid }) => isInTree(pid));
}

function readProcesses(): Process[] {
  const pids = (readIfThere(() => readdirSync('/proc')) ?? []).map(Number).filter(Number.isInteger);
  return pids.flatMap((pid) => {
    const stat = readIfThere(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
    if (stat === undefined) return [];
    // pid (name) state parent ...; the name may hold spaces and brackets. Times are the 14th and 15th field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  });
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
