/** Runs before the first trials: the compiler is still at work. */
const WARM_UP = 4;
/** Runs of each number of threads in a trial, in turn. */
const ROUNDS = 3;
/** Runs between trials, at first and at most: they grow rarer while nothing changes. */
const FIRST_INTERVAL = 25;
const LONGEST_INTERVAL = 400;
/** More threads have to be so much faster than fewer: other programs want cores too. */
const GAIN = 0.95;

/**
 * Finds by the work itself how many threads are fastest, again and again: other programs come and go, and where two threads share a
 * core they are slower than one. Results do not depend on it.
 */
export class ThreadChoice {
  /** Numbers of threads, ascending. */
  readonly #candidates: readonly number[];
  #best: number;
  #runs = 0;
  #interval = FIRST_INTERVAL;
  #nextTrial = WARM_UP;
  /** Of a trial: the numbers of threads that are still to run, and the times of those that ran. */
  #pending: number[] = [];
  readonly #times = new Map<number, number[]>();

  /** @param most threads that there are */
  constructor(most: number) {
    this.#candidates = candidatesUpTo(most);
    this.#best = most;
  }

  /** The number of threads found best so far; before the first trial: all. */
  get best(): number {
    return this.#best;
  }

  /** Threads for the next run. */
  next(): number {
    return this.#pending[0] ?? this.#best;
  }

  /** Learns what a run with `next` threads took. */
  took(milliseconds: number): void {
    this.#runs++;
    const tried = this.#pending.shift();
    if (tried !== undefined) {
      this.#times.set(tried, [...(this.#times.get(tried) ?? []), milliseconds]);
      if (this.#pending.length === 0) this.#decide();
    } else if (this.#runs >= this.#nextTrial && this.#candidates.length > 1) this.#begin();
  }

  #begin(): void {
    this.#times.clear();
    this.#pending = Array.from({ length: ROUNDS }, () => this.#candidates).flat();
  }

  #decide(): void {
    const before = this.#best;
    this.#best = this.#candidates[0] as number;
    for (const threads of this.#candidates.slice(1))
      if (this.#timeOf(threads) < GAIN * this.#timeOf(this.#best)) this.#best = threads;
    this.#interval = this.#best === before ? Math.min(2 * this.#interval, LONGEST_INTERVAL) : FIRST_INTERVAL;
    this.#nextTrial = this.#runs + this.#interval;
  }

  /** The median. */
  #timeOf(threads: number): number {
    const times = [...(this.#times.get(threads) ?? [])].sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)] ?? Number.POSITIVE_INFINITY;
  }
}

/** 1, 2, 4 ... and the most. */
function candidatesUpTo(most: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(most)) }, (_, i) => 2 ** i);
  return [...powers, most];
}
