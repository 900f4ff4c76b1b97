/** Adds up the time that parts of one step take, by their layer. What runs inside a timed part counts for that part. */
export class LayerClock {
  readonly #milliseconds = new Map<string, number>();
  #isTiming = false;

  time<Result>(layer: string, action: () => Result): Result {
    if (this.#isTiming) return action();
    this.#isTiming = true;
    const start = performance.now();
    try {
      return action();
    } finally {
      this.#isTiming = false;
      this.#milliseconds.set(layer, (this.#milliseconds.get(layer) ?? 0) + performance.now() - start);
    }
  }

  /** Milliseconds by layer since the last call. */
  take(): Map<string, number> {
    const taken = new Map(this.#milliseconds);
    this.#milliseconds.clear();
    return taken;
  }
}
