import type { MetricsRecord } from '../workspace/metrics-reader.ts';

/** Rows that a table may have. */
const MOST_ROWS = 60;

/** Metrics by epoch, what was written of an epoch later added to it. Of a long run every second, fourth ... epoch. */
export class EpochRows {
  readonly #rows = new Map<number, MetricsRecord>();
  #latest: [number, MetricsRecord] | undefined;
  #stride = 1;

  add(epoch: number, metrics: MetricsRecord): void {
    const known = this.#latest?.[0] === epoch ? this.#latest[1] : this.#rows.get(epoch);
    this.#latest = [epoch, { ...known, ...metrics }];
    if (epoch % this.#stride === 0) this.#rows.set(epoch, this.#latest[1]);
    while (this.#rows.size > MOST_ROWS) this.#thinOut();
  }

  /** Forgets this epoch and those after it. */
  rewind(epoch: number): void {
    for (const known of [...this.#rows.keys()]) if (known >= epoch) this.#rows.delete(known);
    if (this.#latest !== undefined && this.#latest[0] >= epoch) this.#latest = [...this.#rows].at(-1);
  }

  /** In order, the latest epoch always among them. */
  get rows(): MetricsRecord[] {
    const rows = new Map(this.#rows);
    if (this.#latest !== undefined) rows.set(...this.#latest);
    return [...rows.values()];
  }

  get latest(): MetricsRecord | undefined {
    return this.#latest?.[1];
  }

  #thinOut(): void {
    this.#stride *= 2;
    for (const epoch of [...this.#rows.keys()]) if (epoch % this.#stride !== 0) this.#rows.delete(epoch);
  }
}
