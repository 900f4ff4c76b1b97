/** Calls where it is not started again for so long. */
export class SilenceClock {
  readonly #ms: number;
  readonly #onSilence: (cause: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(ms: number, onSilence: (cause: Error) => void) {
    this.#ms = ms;
    this.#onSilence = onSilence;
  }

  start(): void {
    if (this.#isStopped) return;
    if (this.#timer !== undefined) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#onSilence(silence(this.#ms)), this.#ms);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}

export const silence = (ms: number): Error =>
  Object.assign(new Error(`no byte for ${ms / 1000} s`), { code: 'SILENCE' });
