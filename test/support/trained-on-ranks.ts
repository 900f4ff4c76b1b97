import type { Trainer, TrainerState } from '../../src/core/trainer.ts';
import type { Ranks } from '../../src/ranks/ranks.ts';
import type { TrainOptions } from '../../src/training/train-options.ts';
import { train } from '../../src/training/training.ts';
import type { TrainingEvent } from '../../src/training/training-event.ts';
import { localRanks } from './local-ranks.ts';

/** What one rank of a training heard, and was left with. */
export interface RankResult {
  readonly events: readonly TrainingEvent[];
  readonly state: TrainerState;
}

/** Trains on ranks of one process; the options of each are asked for with its number. */
export function trainOnRanks(
  ranks: number | readonly Ranks[],
  optionsOf: (rank: number) => Promise<TrainOptions & { readonly trainer: Trainer }>,
): Promise<RankResult[]> {
  const all = typeof ranks === 'number' ? localRanks(ranks) : ranks;
  return Promise.all(
    all.map(async (own, rank) => {
      const options = await optionsOf(rank);
      const kept = keepingState(options.trainer);
      const training = train({ ...options, trainer: kept.trainer, ranks: own });
      const events: TrainingEvent[] = [];
      await training.forEach((event) => void events.push(event));
      return { events, state: kept.state() };
    }),
  );
}

/** The trainer, whose state outlives it. */
function keepingState(trainer: Trainer) {
  let state: TrainerState | undefined;
  const kept = new Proxy(trainer, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'close')
        return async () => {
          state = await target.state();
          await target.close();
        };
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { trainer: kept, state: () => state as TrainerState };
}
