/** What all images of a batch do at the same time: each, in its slot, at most one call. */
export interface Slot {
  readonly kind: 'resample' | 'pixels';
  /** Some call measures its image first (statistics-lut): one dispatch more. */
  measures: boolean;
}

/** A call as the schedule sees it. */
type CallKind = 'resample' | 'pixels' | 'measured';

export function kindOf(kernel: string): CallKind {
  if (kernel === 'resample') return 'resample';
  return kernel === 'statistics-lut' ? 'measured' : 'pixels';
}

/**
 * The slots that a batch's programs are run in, one after the other. They fit all programs seen so far and never become
 * fewer, so that the dispatches of a batch depend neither on its size nor on what was drawn for it.
 */
export class Schedule {
  readonly slots: Slot[] = [{ kind: 'resample', measures: false }];

  /** A slot for each call, in order; calls by their kernels' names. What reads the upload is a resample. */
  place(kernels: readonly string[]): number[] {
    let next = kernels[0] === 'resample' ? 0 : 1;
    return kernels.map((kernel) => {
      const call = kindOf(kernel);
      const slot = this.#slotFrom(next, call === 'resample' ? 'resample' : 'pixels');
      if (call === 'measured') (this.slots[slot] as Slot).measures = true;
      next = slot + 1;
      return slot;
    });
  }

  /** The dispatches of one batch, by the names of their entry points. */
  get dispatches(): string[] {
    const inSlots = this.slots.flatMap(({ kind, measures }) => {
      if (kind === 'resample') return ['resampleFirst', 'resampleSecond'];
      return measures ? ['measureImages', 'apply'] : ['apply'];
    });
    return [...inSlots, 'finish'];
  }

  #slotFrom(first: number, kind: Slot['kind']): number {
    const found = this.slots.findIndex((slot, i) => i >= first && slot.kind === kind);
    return found >= 0 ? found : this.slots.push({ kind, measures: false }) - 1;
  }
}
