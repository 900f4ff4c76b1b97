import { type ErrorRecord, reasonOf, TrainerError, toErrorRecord } from '../../core/errors.ts';
import { Interrupted } from '../../core/interrupted.ts';
import { alone, type Ranks } from '../../ranks/ranks.ts';
import { errorOfAll, gatherValues } from '../../ranks/together.ts';

/** What a rank tells the others when it has done its work, or could not. */
interface Word {
  readonly value: unknown;
  readonly failure: ErrorRecord | null;
  /** Its signal's reason, in words, where that ended its work. */
  readonly stop: string | null;
  readonly warnings: readonly string[];
}

/** What ended a piece of work. */
interface Ending {
  readonly error: unknown;
}

/**
 * What the ranks of a training know together. An error that is agreed is thrown by all of them at the same place: they
 * save what was trained, and end one after the other in peace. Any other error is known to one rank alone, for which
 * the others would wait for ever: it ends them all at once. Nothing is exchanged where a rank is alone.
 */
export class Agreement {
  readonly ranks: Ranks;
  readonly #signal: AbortSignal | undefined;
  readonly #agreed = new Set<unknown>();
  #stop: Ending | undefined;
  #warnings: string[] = [];
  #failure: Ending | undefined;
  #hear: (rank: number, warning: string) => void = () => {};

  /** @param signal ends all ranks' work where it is aborted on any */
  constructor(ranks: Ranks = alone, signal?: AbortSignal) {
    this.ranks = ranks;
    this.#signal = signal;
  }

  get isAlone(): boolean {
    return this.ranks.size === 1;
  }

  /** Whether this is the rank that writes and tells. */
  get isFirst(): boolean {
    return this.ranks.rank === 0;
  }

  /** What each rank's work resolves to, in the order of the ranks. Throws on all where it failed on any. `work` waits for no rank. */
  async share<Value>(work: () => Promise<Value>): Promise<Value[]> {
    if (this.isAlone) return [await work()];
    const [outcome] = await Promise.allSettled([work()]);
    const isDone = outcome.status === 'fulfilled';
    const own = this.#failure ?? (isDone ? undefined : { error: outcome.reason });
    this.#failure = undefined;
    const value = isDone ? outcome.value : null;
    const warnings = this.#warnings.splice(0);
    const words = await gatherValues<Word>(this.ranks, { value, ...this.#describe(own), warnings });
    for (const [rank, { warnings }] of words.entries())
      for (const warning of warnings) this.#hear(rank, warning);
    this.#throwOf(words, own);
    return words.map((word) => word.value as Value);
  }

  /** Does work on all ranks; its result is each rank's own. */
  async together<Result>(work: () => Promise<Result>): Promise<Result> {
    const working: Promise<Result>[] = [];
    await this.share(async () => {
      working.push(work());
      await working[0];
    });
    return working[0] as Promise<Result>;
  }

  /** Opens something on all ranks. Where that failed on any, what others have opened is closed again. */
  async open<Opened>(work: () => Promise<Opened>, close: (opened: Opened) => Promise<void>): Promise<Opened> {
    const opened: Opened[] = [];
    try {
      return await this.together(async () => {
        opened.push(await work());
        return opened[0] as Opened;
      });
    } catch (error) {
      for (const one of opened) await close(one);
      throw error;
    }
  }

  /** Does work on the first rank; the others wait for it, and have nothing of it. */
  onFirst<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    return this.together(async () => (this.isFirst ? work() : undefined));
  }

  /** Does work on the first rank; all have its result. */
  async fromFirst<Result>(work: () => Promise<Result>): Promise<Result> {
    const [result] = await this.share(async () => (this.isFirst ? work() : undefined));
    return result as Result;
  }

  /** Does work that fails on all ranks or on none, since all know the same. */
  alike<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.#agreed.add(error);
      throw error;
    }
  }

  /** Does what this rank alone has to do; that it failed is said, and thrown, when the ranks next agree. */
  aside(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.isAlone) throw error;
      this.#failure ??= { error };
    }
  }

  /** Has all ranks hear a warning, when they next agree. */
  warn(warning: string): void {
    this.#warnings.push(warning);
  }

  /** Has `hear` called for each warning of any rank. */
  onWarning(hear: (rank: number, warning: string) => void): void {
    this.#hear = hear;
  }

  /** Whether all ranks have thrown this error, or one that it is made of. */
  isAgreed(error: unknown): boolean {
    if (this.isAlone || this.#agreed.has(error)) return true;
    return error instanceof Error && error.cause !== undefined && this.isAgreed(error.cause);
  }

  /** Whether the error is a signal's end of the training, and no fault. */
  isStop(error: unknown): boolean {
    // of a trainer that failed nobody knows at which step it stands
    if (this.isAlone) return this.#signal?.aborted === true && !(error instanceof TrainerError);
    return this.#stop !== undefined && this.#stop.error === error;
  }

  #describe(own: Ending | undefined): Pick<Word, 'failure' | 'stop'> {
    if (own === undefined) return { failure: null, stop: null };
    const isStop = this.#signal?.aborted === true && own.error === this.#signal.reason;
    return isStop
      ? { failure: null, stop: reasonOf(own.error) }
      : { failure: toErrorRecord(own.error), stop: null };
  }

  /** A fault goes before a stop. */
  #throwOf(words: readonly Word[], own: Ending | undefined): void {
    const failure = errorOfAll(
      this.ranks,
      words.map((word) => word.failure),
      own?.error,
    );
    const stopped = words.findIndex((word) => word.stop !== null);
    if (failure === undefined && stopped < 0) return;
    const error = failure ?? own?.error ?? this.#stopOf(stopped, words[stopped]?.stop);
    if (failure === undefined) this.#stop = { error };
    this.#agreed.add(error);
    throw error;
  }

  #stopOf(rank: number, reason: string | null | undefined): Interrupted {
    return new Interrupted(`rank ${rank} of ${this.ranks.size}: ${reason}`);
  }
}
