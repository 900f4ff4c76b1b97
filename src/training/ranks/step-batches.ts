import type { Batch } from '../../core/batch.ts';
import { NoStandIn } from '../../engine/order/substitution.ts';
import type { Pipeline } from '../../pipeline.ts';
import { type BadSamples, badSamplesOf } from '../bad-samples.ts';
import { Agreement } from './agreement.ts';
import type { BadRowCount } from './bad-rows.ts';
import { rowsOfAll } from './shared-rows.ts';
import { joinShares, type SharedStep, shareOf } from './shared-step.ts';
import type { StepBatch } from './step-batch.ts';

/** What a rank that is not alone needs beside its stream. */
interface Sharing {
  /** Of a batch of this rank. */
  readonly rows: number;
  readonly bad: BadRowCount;
  /** Digest of the epoch's stream before the first batch; '' at an epoch's start. */
  readonly digestSoFar: string;
}

type Batches = AsyncGenerator<StepBatch, void, undefined>;

/**
 * The batches of a training. Many ranks take each in step: all have theirs, or all end, for the same reason. One that is alone
 * takes its stream's as they are.
 */
export class StepBatches implements AsyncIterable<StepBatch> {
  readonly agreement: Agreement;
  readonly #stream: Pipeline;
  readonly #sharing: Sharing | undefined;
  #digest: string | undefined;

  /** @param sharing of a rank that is not alone */
  constructor(stream: Pipeline, agreement = new Agreement(), sharing?: Sharing) {
    this.agreement = agreement;
    this.#stream = stream;
    this.#sharing = sharing;
  }

  /** Of all ranks. */
  get badSamples(): BadSamples {
    return this.#sharing?.bad.badSamples ?? badSamplesOf(this.#stream);
  }

  /** Digest of the stream up to and with the latest batch, where it is computed. */
  get digest(): string | undefined {
    return this.#digest;
  }

  [Symbol.asyncIterator](): Batches {
    return this.#sharing === undefined ? this.#alone() : this.#inStep(this.#sharing);
  }

  async *#alone(): Batches {
    for await (const batch of this.#stream) {
      const { substitutions, digest, labels } = batch;
      this.#digest = digest;
      yield { batch, substitutions, digest, images: labels.length, rows: async () => batch };
    }
  }

  async *#inStep(sharing: Sharing): Batches {
    const own = this.#stream[Symbol.asyncIterator]();
    this.#digest = sharing.digestSoFar;
    try {
      await sharing.bad.open();
      for (;;) {
        const next = await this.#next(own, sharing);
        if (next === undefined) return;
        yield next;
      }
    } finally {
      await own.return();
      sharing.bad.close();
    }
  }

  async #next(own: AsyncIterator<Batch>, { rows, bad }: Sharing): Promise<StepBatch | undefined> {
    const { agreement } = this;
    const pulling = pull(own);
    const shares = await agreement.share(async () => shareOf(await pulling));
    const step = agreement.alike(() => joinShares(shares, rows));
    if (step === undefined) return undefined;
    bad.add(step);
    const pulled = await pulling;
    if (step.isUnfilled) await agreement.together(async () => orThrow(pulled));
    this.#digest = step.digestAfter(this.#digest ?? '');
    return this.#batchOf(pulled as Batch, step);
  }

  #batchOf(batch: Batch, { substitutions, images }: SharedStep): StepBatch {
    return {
      ...{ batch, substitutions, images, digest: this.#digest },
      rows: () => rowsOfAll(this.agreement, batch, substitutions),
    };
  }
}

/** The next batch, or what it lacks stand-ins for; undefined at the stream's end. */
async function pull(batches: AsyncIterator<Batch>): Promise<Batch | NoStandIn | undefined> {
  try {
    return (await batches.next()).value;
  } catch (error) {
    if (error instanceof NoStandIn) return error;
    throw error;
  }
}

function orThrow(pulled: unknown): void {
  if (pulled instanceof NoStandIn) throw pulled;
}
