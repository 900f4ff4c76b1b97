import type { Dataset } from '../../datasets/dataset.ts';
import { type BadBudget, type BadRows, BadSampleCount } from '../../engine/order/substitution.ts';
import { Quarantine } from '../../engine/quarantine/quarantine.ts';
import type { StreamOptions } from '../../streams/stream-options.ts';
import type { BadSamples } from '../bad-samples.ts';
import type { Agreement } from './agreement.ts';

/** What a rank's own stream does about bad samples, where many ranks share one: nothing is written or counted there. */
export const uncounted = <Options extends StreamOptions>({ quarantine: _, ...options }: Options) => ({
  ...options,
  maxBad: Number.POSITIVE_INFINITY,
});

interface BadRowsOptions {
  readonly dataset: Dataset;
  readonly maxBad: BadBudget;
  readonly quarantine: string | undefined;
}

/** Counts the bad samples of all ranks, in the order of the one stream that they share; the first rank writes them down. */
export class BadRowCount {
  readonly #agreement: Agreement;
  readonly #options: BadRowsOptions;
  readonly #count: BadSampleCount;
  #quarantine: Quarantine | undefined;
  #substitutions = 0;

  constructor(agreement: Agreement, options: BadRowsOptions) {
    const { maxBad, dataset, quarantine } = options;
    this.#agreement = agreement;
    this.#options = options;
    this.#count = new BadSampleCount(maxBad, dataset.length, quarantine);
  }

  get badSamples(): BadSamples {
    return { badSamples: this.#count.total, substitutions: this.#substitutions };
  }

  /** To be called on all ranks, before the first batch. */
  async open(): Promise<void> {
    const { quarantine, dataset } = this.#options;
    this.#quarantine = await this.#agreement.onFirst(async () =>
      quarantine === undefined ? undefined : new Quarantine(quarantine, dataset),
    );
  }

  /** Takes what a batch of all ranks says. Throws, on all of them, where the samples are more than allowed. */
  add(rows: BadRows): void {
    const added = this.#count.add(rows.substitutions);
    this.#agreement.aside(() => {
      for (const substitution of added) this.#quarantine?.add(substitution, rows);
    });
    this.#agreement.alike(() => this.#count.check());
    this.#substitutions += rows.substitutions.length;
  }

  close(): void {
    this.#quarantine?.close();
  }
}
