/** Waits that can be ended early. */
export class Sleeper {
  readonly #sleeping = new Set<(cause: Error) => void>();

  sleep(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#sleeping.delete(wake);
        resolve();
      }, ms);
      const wake = (cause: Error) => {
        clearTimeout(timer);
        reject(cause);
      };
      this.#sleeping.add(wake);
    });
  }

  /** All that sleep reject with this error. */
  wake(cause: Error): void {
    for (const wake of this.#sleeping) wake(cause);
    this.#sleeping.clear();
  }
}
