import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { processorSeconds, watchMemory } from './process-tree.ts';

/** A loader that runs as a process of its own and reports in JSON lines (loader-report.ts, peers/loader_protocol.py). */
export interface LoaderProcess {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Set beside the variables of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a loader prints, a line each. */
type Line =
  | { readonly event: 'versions'; readonly [name: string]: string }
  | { readonly event: 'first-batch' }
  | { readonly event: 'batch'; readonly shape: number[]; readonly dtype: string; readonly mean: number }
  | { readonly event: 'epoch'; readonly images: number; readonly imagesPerSecond: number };

export interface LoaderRun {
  /** Name and version of what the loader is made of. */
  readonly versions: Readonly<Record<string, string>>;
  /** From the start of the process to its first batch, taken by the caller's clock. */
  readonly secondsToFirstBatch: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Of the normalised elements of the warm-up epoch. */
  readonly mean: number;
  /** Images a measured epoch; all epochs must deliver as many. */
  readonly images: number;
  readonly imagesPerSecond: readonly number[];
  /** Memory of the process and its children at their largest; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
  /** Processor time an image takes in the measured epochs, of all processes; undefined where the system does not tell. */
  readonly processorMs: number | undefined;
}

/** Runs a loader to its end. Throws with what it printed on stderr when it fails or reports too little. */
export async function runLoader({ name, command, args, environment }: LoaderProcess): Promise<LoaderRun> {
  const start = performance.now();
  const env = { ...process.env, ...environment };
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  await once(child, 'spawn'); // rejects when the command cannot be started
  const memory = watchMemory(child.pid as number);
  const closed = once(child, 'close');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const lines: Line[] = [];
  let secondsToFirstBatch = Number.NaN;
  const processorTimes: (number | undefined)[] = []; // at the end of each epoch, the warm-up's first
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line;
      if (line.event === 'first-batch') secondsToFirstBatch = (performance.now() - start) / 1000;
      if (line.event === 'batch' || line.event === 'epoch')
        processorTimes.push(processorSeconds(child.pid as number));
      lines.push(line);
    }
  } catch (error) {
    // a line that is no JSON: the process must not run on beside the next one
    child.kill();
    memory.stop();
    throw error;
  }
  const [code, signal] = await closed;
  const peakBytes = memory.stop();
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}:\n${complaint}`);
  const reported = collect(name, lines);
  return {
    ...reported,
    secondsToFirstBatch,
    peakBytes,
    processorMs: perImage(processorTimes, reported.images),
  };
}

/** Milliseconds an image, from seconds taken up to the end of each epoch. */
function perImage(seconds: readonly (number | undefined)[], imagesAnEpoch: number): number | undefined {
  const [first, last] = [seconds[0], seconds.at(-1)];
  if (first === undefined || last === undefined || last < first) return undefined; // it had ended already
  return (1000 * (last - first)) / (imagesAnEpoch * (seconds.length - 1));
}

type Reported = Omit<LoaderRun, 'secondsToFirstBatch' | 'peakBytes' | 'processorMs'>;

function collect(name: string, lines: readonly Line[]): Reported {
  const versions = lines.find((line) => line.event === 'versions');
  const batch = lines.find((line) => line.event === 'batch');
  const epochs = lines.filter((line) => line.event === 'epoch');
  const images = epochs[0]?.images;
  if (versions === undefined || batch === undefined || images === undefined)
    throw new Error(`${name} did not report versions, a first batch and an epoch`);
  if (!Number.isFinite(batch.mean) || batch.mean === 0)
    throw new Error(`${name} delivered batches whose mean is ${batch.mean}`);
  if (epochs.some((epoch) => epoch.images !== images))
    throw new Error(`${name} delivered ${epochs.map((epoch) => epoch.images).join(', ')} images an epoch`);
  const { event: _event, ...names } = versions;
  const { shape, dtype, mean } = batch;
  return {
    versions: names,
    shape,
    dtype,
    mean,
    images,
    imagesPerSecond: epochs.map((epoch) => epoch.imagesPerSecond),
  };
}
