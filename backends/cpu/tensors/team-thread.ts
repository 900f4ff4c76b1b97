/** A thread of a team: makes its share of each call's tiles. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Barrier } from './barrier.ts';
import type { PlacedCall } from './call-block.ts';
import type { MakeTask, TeamAnswer, TeamTask, TeamThreadData } from './team-messages.ts';

type Export = (address: number, column: number, row: number, scratch: number) => void;

const { module, memory, barrier: words, thread } = workerData as TeamThreadData;
const port = parentPort as MessagePort;
const barrier = new Barrier(words);
const lists = new Map<number, readonly PlacedCall[]>();
const kernels = new WebAssembly.Instance(module, { env: { memory, abort } }).exports as Record<
  string,
  Export
>;

port.on('message', (task: TeamTask) => {
  if (task.kind === 'define') {
    lists.set(task.list, task.calls);
    return;
  }
  try {
    const times = makeAll(task);
    if (times !== undefined && thread === 0) tell({ kind: 'done', times });
  } catch (error) {
    barrier.break();
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
});
tell({ kind: 'ready' });

function tell(answer: TeamAnswer): void {
  port.postMessage(answer);
}

/** What each call took, where that is asked for; undefined where another thread is lost. */
function makeAll({ lists: numbers, threads, scratch, isTimed }: MakeTask): number[] | undefined {
  const times: number[] = [];
  let began = performance.now();
  for (const number of numbers)
    for (const call of lists.get(number) ?? []) {
      make(call, threads, scratch);
      if (!barrier.wait(threads)) return undefined;
      if (!isTimed) continue;
      const ended = performance.now();
      times.push(ended - began);
      began = ended;
    }
  return times;
}

/** Neighbouring tiles go to one thread, which has their borders at hand. */
function make({ export: name, address, columns, rows }: PlacedCall, threads: number, scratch: number): void {
  const kernel = kernels[name];
  if (kernel === undefined) throw new Error(`there is no WASM export ${name}`);
  const tiles = columns * rows;
  const end = Math.floor((tiles * (thread + 1)) / threads);
  for (let tile = Math.floor((tiles * thread) / threads); tile < end; tile++)
    kernel(address, tile % columns, Math.floor(tile / columns), scratch);
}

function abort(): never {
  throw new Error('a WASM kernel called abort');
}
