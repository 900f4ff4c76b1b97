import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trainer } from '../../src/core/trainer.ts';
import type { Ranks } from '../../src/ranks/ranks.ts';
import { loadCheckpoint } from '../../src/trainers/checkpoint.ts';
import type { TrainOptions } from '../../src/training/train-options.ts';
import { train } from '../../src/training/training.ts';
import type { TrainingEvent } from '../../src/training/training-event.ts';
import type { TrainingResult } from '../../src/training/training-result.ts';
import { linearTrainer } from './linear-trainer.ts';
import { localRanks } from './local-ranks.ts';

/** How a training ended on a rank, and what was heard there. */
export interface RankRun {
  readonly result: TrainingResult | undefined;
  readonly error: unknown;
  readonly events: readonly TrainingEvent[];
  /** Exit codes with which the rank ended all. */
  readonly aborts: readonly number[];
}

export interface RankRunOptions extends Omit<Partial<TrainOptions>, 'trainer'> {
  readonly trainer?: (rank: number) => Trainer;
  readonly signals?: readonly AbortSignal[];
  /** Hears each event of the first rank. */
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** Trains on so many ranks of one process, in steps of four parts of two rows, and waits for all of them. */
export function runOnRanks(size: number, { trainer, signals, onEvent, ...options }: RankRunOptions) {
  return Promise.all(
    localRanks(size).map(async (ranks): Promise<RankRun> => {
      const aborts: number[] = [];
      const events: TrainingEvent[] = [];
      const signal = signals?.[ranks.rank];
      const training = train({
        ...{ report: false, recipe: { imageSize: 8, mixup: 0.2 }, schedule: { epochs: 2, base: 0.05 } },
        ...{ parts: 4, ...(options as TrainOptions) },
        stream: { batchSize: 2, workers: 0, seed: 5, digest: true, ...options.stream },
        trainer: trainer?.(ranks.rank) ?? linearTrainer(),
        ranks: recordingAborts(ranks, aborts),
        ...(signal && { signal }),
      });
      training.subscribe({
        next(event) {
          events.push(event);
          onEvent?.(event);
        },
        error: () => {},
      });
      const [outcome] = await Promise.allSettled([training.result]);
      const isDone = outcome.status === 'fulfilled';
      return {
        ...{ aborts, events, result: isDone ? outcome.value : undefined },
        error: isDone ? undefined : outcome.reason,
      };
    }),
  );
}

const recordingAborts = (ranks: Ranks, aborts: number[]): Ranks => ({
  ...ranks,
  abort: (exitCode) => {
    aborts.push(exitCode);
    return ranks.abort(exitCode);
  },
});

/** Lines of a JSON lines file, without what is another in each run: times, speeds, paths and how many ranks there were. */
export const linesOf = (path: string): unknown[] =>
  !existsSync(path)
    ? []
    : readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) =>
          Object.fromEntries(Object.entries(JSON.parse(line)).filter(([key]) => isLasting(key))),
        );

const isLasting = (key: string): boolean =>
  !/_ips$|_time$|latency|waiting_share|^time$|^run\.(started|resumed|workspace|flags|checkpoint|environment)/.test(
    key,
  );

/** What a checkpoint holds. */
export async function checkpointIn(workspace: string) {
  const { state, metadata } = await loadCheckpoint(join(workspace, 'checkpoint.safetensors'));
  return { state, metadata };
}
