import { type Replay, type ReplayRequest, replayBatch } from '../../src/replay/replay-batch.ts';

/** Replays of a batch's rows: all, or those with these numbers. */
export async function replaysOf(request: ReplayRequest, rows?: readonly number[]): Promise<Replay[]> {
  const replays: Replay[] = [];
  for await (const replay of replayBatch(request, rows)) replays.push(replay);
  return replays;
}
