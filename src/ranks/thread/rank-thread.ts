import { parentPort, workerData } from 'node:worker_threads';
import { toErrorRecord } from '../../core/errors.ts';
import { openLibrary } from '../binding/library.ts';
import { Mpi } from '../binding/mpi.ts';
import { gatherOverRanks } from '../exchange/gather.ts';
import { Peers } from '../exchange/peers.ts';
import { sumOverRanks } from '../exchange/sum.ts';
import { type RankAnswer, type RankTask, type RankThreadData, Signal } from './messages.ts';

/*
 * The one thread that calls MPI. It may wait for other ranks: the main thread goes on meanwhile.
 */

const { libraries, signals } = workerData as RankThreadData;
const answer = (message: RankAnswer): void => parentPort?.postMessage(message);

async function openMpi(): Promise<void> {
  const library = await openLibrary(libraries);
  const mpi = Mpi.open(library);
  const peers = new Peers(mpi, (milliseconds) => {
    Atomics.wait(signals, Signal.abort, 0, milliseconds);
    abortIfTold(mpi);
  });
  parentPort?.on('message', (task: RankTask) => {
    abortIfTold(mpi);
    try {
      perform(task, mpi, peers);
    } catch (error) {
      signal(Signal.left, -1);
      answer({ kind: 'failed', error: toErrorRecord(error) });
    }
  });
  const { rank, size } = mpi;
  answer({ kind: 'open', place: { rank, size, library: library.name, path: library.path } });
}

function perform(task: RankTask, mpi: Mpi, peers: Peers): void {
  if (task.kind === 'abort') return;
  peers.begin(task.kind);
  if (task.kind === 'close') {
    close(mpi, peers);
    return;
  }
  if (task.kind === 'sum') sumOverRanks(peers, task.vector);
  const gathered = task.kind === 'gather' ? gatherOverRanks(peers, task.bytes) : [];
  answer({ kind: 'done', gathered });
}

function close(mpi: Mpi, peers: Peers): void {
  gatherOverRanks(peers, new Uint8Array(0));
  mpi.finalize();
  signal(Signal.left, 1);
  parentPort?.close();
}

function signal(place: number, value: number): void {
  Atomics.store(signals, place, value);
  Atomics.notify(signals, place);
}

/** Does not come back where it was told: some libraries only ask the launcher to end the process. */
function abortIfTold(mpi: Mpi): void {
  const told = Atomics.load(signals, Signal.abort);
  if (told === 0) return;
  mpi.abort(told - 1);
  Atomics.wait(signals, Signal.abort, told);
}

await openMpi().catch((error) => answer({ kind: 'failed', error: toErrorRecord(error) }));
