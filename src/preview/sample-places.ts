import { permutedFrom } from '../engine/order/permutation.ts';
import { picksOf, type SamplingOptions } from '../engine/order/sampling.ts';

/** Where an epoch has a sample for the first time. */
export interface SamplePlace {
  readonly position: number;
  readonly occurrence: number;
}

/** Places that are looked at before signals may act. */
const AT_ONCE = 65_536;

/**
 * Where epochs have samples for the first time. Only looking finds one in a sampler's order, place after place, so an epoch is looked
 * through once for all of the samples that are known to be asked for.
 */
export class SamplePlaces {
  readonly #sampling: SamplingOptions;
  readonly #ids: readonly number[];
  readonly #signal: AbortSignal | undefined;
  readonly #ofEpoch = new Map<number, ReadonlyMap<number, SamplePlace>>();

  constructor(sampling: SamplingOptions, ids: readonly number[], signal?: AbortSignal) {
    this.#sampling = sampling;
    this.#ids = ids;
    this.#signal = signal;
  }

  /** Undefined where a sampler does not give the sample in this epoch. */
  async of(id: number, epoch: number): Promise<SamplePlace | undefined> {
    const { length, seed, order } = this.#sampling;
    if (order === undefined) return { position: permutedFrom(length, seed, epoch)(id), occurrence: 0 };
    if (!this.#ids.includes(id)) return (await this.#lookFor([id], epoch)).get(id);
    const known = this.#ofEpoch.get(epoch) ?? (await this.#lookFor(this.#ids, epoch));
    this.#ofEpoch.set(epoch, known);
    return known.get(id);
  }

  async #lookFor(ids: readonly number[], epoch: number): Promise<ReadonlyMap<number, SamplePlace>> {
    const wanted = new Set(ids);
    const found = new Map<number, SamplePlace>();
    const at = picksOf(this.#sampling, epoch);
    for (let position = 0; position < this.#sampling.length && wanted.size > 0; position++) {
      const { index, occurrence = 0 } = at(position);
      if (wanted.delete(index)) found.set(index, { position, occurrence });
      if (position % AT_ONCE === 0) await signalsAct(this.#signal);
    }
    return found;
  }
}

/** The samples of an epoch, each where it comes first. */
export async function* samplesInOrder(
  sampling: SamplingOptions,
  { samples, epoch, signal }: { samples: number; epoch: number; signal?: AbortSignal | undefined },
): AsyncGenerator<number> {
  const at = picksOf(sampling, epoch);
  const seen = new Set<number>();
  for (let position = 0; position < sampling.length && seen.size < samples; position++) {
    if (position % AT_ONCE === 0) await signalsAct(signal);
    const { index } = at(position);
    // a sampler may give one several times
    if (seen.has(index)) continue;
    seen.add(index);
    yield index;
  }
}

async function signalsAct(signal: AbortSignal | undefined): Promise<void> {
  await new Promise(setImmediate);
  signal?.throwIfAborted();
}
