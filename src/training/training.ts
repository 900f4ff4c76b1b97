import { Observable, type Subscriber } from 'rxjs';
import { checkTrainOptions } from './check-options.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingEvent } from './training-event.ts';
import type { TrainingResult } from './training-result.ts';

/**
 * Trains a model, and writes metrics, checkpoints and a report to a workspace, as `millrace train` does.
 *
 * ```ts
 * const training = train({ data: 'photos', schedule: { epochs: 20 } });
 * await training.forEach((event) => {
 *   if (event.type === 'epoch') console.log(event.loss);
 * });
 * const { top1, checkpoint } = await training.result;
 * ```
 *
 * It starts when somebody first subscribes or asks for the result, and runs once, whoever else listens. Who comes late
 * hears what follows. Listeners who leave do not end it: `signal` does. What ends it early, the signal's reason too,
 * goes to the result and to every listener: as always in RxJS, `subscribe` without an `error` handler has it thrown
 * where nobody can catch it, which ends the process.
 *
 * On many ranks (docs/many-machines.md) each calls it with the same options. The first one writes and tells of what happens:
 * listeners on the others hear how it ends, and no event. `result` is the same on all, and what ends it early on one ends it on
 * all. What one rank alone knows of, such as a fault within a step, ends all their processes at once: that rank says so on
 * stderr.
 *
 * @throws ParameterError where an option is unknown or out of range
 */
export function train(options: TrainOptions): Training {
  checkTrainOptions(options);
  // loaded when it starts: a program that only reads batches starts without it
  return new Training(async (emit) => (await import('./run-training.ts')).runTraining(options, emit));
}

type Work = (emit: (event: TrainingEvent) => void) => Promise<TrainingResult>;

/** A training in progress: an Observable of what happens, and a promise of how it ends. */
export class Training extends Observable<TrainingEvent> {
  readonly #work: Work;
  readonly #listeners = new Set<Subscriber<TrainingEvent>>();
  #running: Promise<TrainingResult> | undefined;

  /** Use `train(options)`. */
  constructor(work: Work) {
    super((subscriber) => this.#listen(subscriber));
    this.#work = work;
  }

  /** How the training ended; rejects with what ended it early. */
  get result(): Promise<TrainingResult> {
    return this.#start().then((result) => result);
  }

  #listen(subscriber: Subscriber<TrainingEvent>): () => void {
    this.#listeners.add(subscriber);
    this.#start().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => this.#listeners.delete(subscriber);
  }

  #start(): Promise<TrainingResult> {
    // not at once: whoever subscribes in the same breath hears the first event too
    this.#running ??= Promise.resolve().then(() => this.#work((event) => this.#emit(event)));
    return this.#running;
  }

  #emit(event: TrainingEvent): void {
    for (const listener of this.#listeners) listener.next(event);
  }
}
