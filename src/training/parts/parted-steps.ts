import type { Batch } from '../../core/batch.ts';
import { partsOf } from '../../core/batch-part.ts';
import { TrainerError } from '../../core/errors.ts';
import type {
  Contribution,
  PartOptions,
  Trainer,
  TrainStepOptions,
  TrainStepResult,
} from '../../core/trainer.ts';
import type { Ranks } from '../../ranks/ranks.ts';
import type { StepRows } from './step-rows.ts';
import { StepSum } from './step-sum.ts';

/** What makes the steps of a training. */
export type StepMaker = Pick<Trainer, 'name' | 'givesLosses' | 'trainStep'>;

/** A trainer that can train in parts. */
type PartTrainer = Trainer & Required<Pick<Trainer, 'contribution' | 'applySum'>>;

const trainsInParts = (trainer: Trainer): trainer is PartTrainer =>
  trainer.contribution !== undefined && trainer.applySum !== undefined;

/** The trainer, which must be one that can train in parts. */
export function inParts(trainer: Trainer, parts: number): PartTrainer {
  if (trainsInParts(trainer)) return trainer;
  const reason = `it has no contribution() and applySum(), which ${parts} parts per step (--parts) need`;
  throw new TrainerError(
    'NO_CONTRIBUTION',
    `${trainer.name}: this trainer takes whole batches only: ${reason}`,
  );
}

/** How a step is divided. */
interface Division {
  readonly ranks: Ranks;
  readonly parts: number;
  readonly rows: StepRows;
}

/** What makes steps that are divided so: the trainer itself where they are whole. */
export const stepMakerOf = (trainer: Trainer, division: Division): StepMaker =>
  division.parts === 1 ? trainer : new PartedSteps(inParts(trainer, division.parts), division);

/**
 * Makes steps, each the sum of its parts: this rank computes its own, one after the other, and takes part in the sum. Losses of single
 * rows are those of all ranks.
 */
class PartedSteps implements StepMaker {
  readonly name: string;
  readonly givesLosses: boolean;
  readonly #trainer: PartTrainer;
  readonly #division: Division;
  readonly #sum: StepSum;

  constructor(trainer: PartTrainer, division: Division) {
    const { ranks, parts, rows } = division;
    this.name = trainer.name;
    this.givesLosses = trainer.givesLosses ?? false;
    this.#trainer = trainer;
    this.#division = division;
    this.#sum = new StepSum({
      ranks,
      trainer,
      parts: parts / ranks.size,
      rows: this.givesLosses ? rows.step : 0,
    });
  }

  async trainStep(batch: Batch, options: TrainStepOptions): Promise<TrainStepResult> {
    const { parts, ranks, rows } = this.#division;
    const onReady = this.#sum.begin();
    const own = partsOf(batch, rows.part);
    for (const [number, part] of own.entries()) {
      // lets signals and timers act between parts, each of which may be one long computation
      if (number > 0) await new Promise(setImmediate);
      const firstRow = (ranks.rank * own.length + number) * rows.part;
      const isLast = number === own.length - 1;
      const asked = { ...options, parts, firstRow, ...(isLast && onReady && { onReady }) };
      await this.#sum.add(number, await this.#contribution(part, asked), firstRow);
    }
    const { sum, losses } = this.#sum.summed;
    const made = await this.#trainer.applySum(sum, { ...options, parts });
    return options.losses ? { ...made, losses: losses.slice() } : made;
  }

  async #contribution(part: Batch, asked: PartOptions): Promise<Contribution> {
    const given = await this.#trainer.contribution(part, asked);
    // there is room for those alone that are asked for
    if (!asked.losses) return { vector: given.vector };
    const [rows, got] = [part.labels.length, given.losses?.length];
    if (got === rows) return given;
    const message = `${this.name}: contribution must give ${rows} losses, got ${got ?? 'none'}`;
    throw new TrainerError('NO_LOSSES', message);
  }
}
