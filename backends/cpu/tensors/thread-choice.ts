/** Runs before the first trial: the compiler is still at work. */
const WARM_UP = 4;
/** Runs of each number of threads in a trial, in turn. */
const ROUNDS = 3;
/** Runs between trials, at first and at most: they grow rarer while nothing changes. */
const FIRST_INTERVAL = 25;
const LONGEST_INTERVAL = 400;
/** More threads have to be so much faster than fewer: other programs want cores too. */
const GAIN = 0.95;
/** A run that takes so many times as long ends its trial; some in a row begin one. */
const MUCH_SLOWER = 1.2;
const IN_A_ROW = 5;

/** How many threads were found fastest in a trial, and what a run takes with them. */
export interface Decision {
  readonly threads: number;
  readonly milliseconds: number;
  /** What it takes with the most threads there are, where that was tried. */
  readonly withMost: number | undefined;
}

/**
 * Finds by the work itself how many threads are fastest, again and again: other programs come and go, and where two threads share a
 * core they are slower than one. Results do not depend on it.
 */
export class ThreadChoice {
  /** Numbers of threads, ascending. */
  readonly #candidates: readonly number[];
  #best: number;
  /** What a run takes with the best, by the last trial. */
  #level = Number.POSITIVE_INFINITY;
  #runs = 0;
  #interval = FIRST_INTERVAL;
  #nextTrial = WARM_UP;
  /** Of a trial: the numbers of threads that are still to run, and the times of those that ran. */
  #pending: number[] = [];
  readonly #times = new Map<number, number[]>();
  /** The last times between trials. */
  #recent: number[] = [];

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

  /** Learns what a run with `next` threads took. Returns what a trial that ends with it has found. */
  took(milliseconds: number): Decision | undefined {
    this.#runs++;
    const tried = this.#pending.shift();
    if (tried === undefined) {
      this.#recent = [...this.#recent, milliseconds].slice(-IN_A_ROW);
      if (this.#candidates.length > 1 && (this.#runs >= this.#nextTrial || this.#isSlower())) this.#begin();
      return undefined;
    }
    this.#times.set(tried, [...(this.#times.get(tried) ?? []), milliseconds]);
    if (tried !== this.#best && milliseconds > MUCH_SLOWER * this.#level)
      this.#pending = this.#pending.filter((threads) => threads !== tried);
    // what only the best is left for is decided
    if (this.#pending.every((threads) => threads === this.#best)) this.#pending = this.#pending.slice(0, 1);
    return this.#pending.length === 0 ? this.#decide() : undefined;
  }

  #isSlower(): boolean {
    return this.#recent.length === IN_A_ROW && medianOf(this.#recent) > MUCH_SLOWER * this.#level;
  }

  /** The first trial is of all; later ones, of half and twice as many. */
  #begin(): void {
    const place = this.#candidates.indexOf(this.#best);
    const near =
      this.#times.size === 0 ? this.#candidates : this.#candidates.slice(Math.max(0, place - 1), place + 2);
    if (this.#recent.length === IN_A_ROW && this.#times.size > 0) this.#level = medianOf(this.#recent);
    this.#times.clear();
    this.#recent = [];
    this.#pending = Array.from({ length: ROUNDS }, () => near).flat();
  }

  #decide(): Decision {
    const before = this.#best;
    const tried = this.#candidates.filter((threads) => this.#times.has(threads));
    this.#best = tried[0] as number;
    for (const threads of tried.slice(1))
      if (this.#timeOf(threads) < GAIN * this.#timeOf(this.#best)) this.#best = threads;
    this.#level = this.#timeOf(this.#best);
    this.#interval = this.#best === before ? Math.min(2 * this.#interval, LONGEST_INTERVAL) : FIRST_INTERVAL;
    this.#nextTrial = this.#runs + this.#interval;
    const most = this.#candidates.at(-1) as number;
    const withMost = this.#times.has(most) ? this.#timeOf(most) : undefined;
    return { threads: this.#best, milliseconds: this.#level, withMost };
  }

  #timeOf(threads: number): number {
    return medianOf(this.#times.get(threads) ?? []);
  }
}

function medianOf(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
}

/** 1, 2, 4 ... and the most. */
function candidatesUpTo(most: number): number[] {
  const candidates: number[] = [];
  for (let threads = 1; threads < most; threads *= 2) candidates.push(threads);
  return [...candidates, most];
}
