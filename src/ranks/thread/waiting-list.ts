interface Waiting<Answer> {
  /** For messages: 'the sum of 12 values'. Undefined: it may take any time. */
  readonly what: string | undefined;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** All processes may be stopped for hours, as a job that Slurm suspends: that counts as one slice of the timeout. */
const SLICES = 10;

/** Those who wait for answers that come in the order of the questions, each for a time of its own. */
export class WaitingList<Answer> {
  readonly #timeoutMs: number;
  readonly #late: (what: string) => void;
  readonly #waiting: Waiting<Answer>[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param late called when the first one has waited for the timeout, since it asked or since the one before had its answer */
  constructor(timeoutMs: number, late: (what: string) => void) {
    this.#timeoutMs = timeoutMs;
    this.#late = late;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(what: string | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ what, resolve, reject });
      if (this.#waiting.length === 1) this.#watch();
    });
  }

  answer(answer: Answer): void {
    const first = this.#waiting.shift();
    this.#watch();
    first?.resolve(answer);
  }

  fail(error: Error): void {
    const all = this.#waiting.splice(0);
    this.#watch();
    for (const { reject } of all) reject(error);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const [first] = this.#waiting;
    if (first?.what !== undefined) this.#wait(first, first.what, SLICES);
  }

  #wait(first: Waiting<Answer>, what: string, slices: number): void {
    // where this thread was busy for long, the answer may lie there unread
    const look = () => setImmediate(() => first === this.#waiting[0] && this.#late(what));
    const next = slices === 1 ? look : () => this.#wait(first, what, slices - 1);
    this.#timer = setTimeout(next, this.#timeoutMs / SLICES);
  }
}
