import type { TrainingEvent } from '../training-event.ts';
import type { Agreement } from './agreement.ts';

export type Emit = (event: TrainingEvent) => void;

/** Tells what happens, on the first rank alone. Of the others only warnings are told there, each once. */
export class Events {
  readonly #agreement: Agreement;
  readonly #said = new Set<string>();
  readonly #tell: Emit;
  #record: Emit = () => {};

  constructor(agreement: Agreement, tell: Emit) {
    this.#agreement = agreement;
    this.#tell = tell;
    agreement.onWarning((rank, warning) => this.#hear(rank, warning));
  }

  /** Has `record` called for what is recorded from now on, before anyone hears of it. Without one nothing is. */
  recordBy(record: Emit = () => {}): void {
    this.#record = record;
  }

  readonly emit: Emit = (event) => this.#emit(event, () => this.#tell(event));

  readonly record: Emit = (event) =>
    this.#emit(event, () => {
      this.#record(event);
      this.#tell(event);
    });

  readonly warn = (message: string): void => this.emit({ type: 'warning', message });

  #emit(event: TrainingEvent, tell: () => void): void {
    const isWarning = event.type === 'warning';
    if (this.#agreement.isFirst) {
      if (isWarning) this.#said.add(event.message);
      this.#agreement.aside(tell);
    } else if (isWarning) this.#agreement.warn(event.message);
  }

  #hear(rank: number, message: string): void {
    if (!this.#agreement.isFirst || this.#said.has(message)) return;
    this.#said.add(message);
    this.record({ type: 'warning', message: `rank ${rank}: ${message}` });
  }
}
