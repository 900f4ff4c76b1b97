/** A thread of a team: makes its share of each call's tiles. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Barrier } from './barrier.ts';
import type { PlacedCall } from './call-block.ts';
import type { TeamAnswer, TeamTask, TeamThreadData } from './team-messages.ts';

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
    if (makeAll(task) && thread === 0) tell({ kind: 'done' });
  } catch (error) {
    barrier.break();
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
});
tell({ kind: 'ready' });

function tell(answer: TeamAnswer): void {
  port.postMessage(answer);
}

/** False where another thread is lost. */
function makeAll({ lists: numbers, threads, scratch }: Extract<TeamTask, { kind: 'make' }>): boolean {
  for (const number of numbers)
    for (const call of lists.get(number) ?? []) {
      make(call, threads, scratch);
      if (!barrier.wait(threads)) return false;
    }
  return true;
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
