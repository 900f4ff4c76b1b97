import type { Kernel, KernelCall } from '../kernels/kernel.ts';
import type { EntryPoint } from './pipelines.ts';

/** What all images of a batch do at the same time: each, in its slot, at most one call. */
export interface Slot {
  /** Of its calls' kernels: one of two passes stands in no slot of the others. */
  readonly passes: 1 | 2;
  /** Some call measures its input first: two dispatches more. */
  measures: boolean;
}

/**
 * One of a slot's dispatches, and what it has workgroups for: tiles of the images that it makes, or images to measure: one
 * each, or as many as count together.
 */
export interface SlotDispatch {
  readonly entryPoint: EntryPoint;
  readonly covers: 'between' | 'result' | 'measured' | 'partsOfMeasured';
}

export function dispatchesOf({ passes, measures }: Slot): SlotDispatch[] {
  if (passes === 2)
    return [
      { entryPoint: 'resampleFirst', covers: 'between' },
      { entryPoint: 'resampleSecond', covers: 'result' },
    ];
  const apply: SlotDispatch = { entryPoint: 'apply', covers: 'result' };
  if (!measures) return [apply];
  return [
    { entryPoint: 'measureImages', covers: 'partsOfMeasured' },
    { entryPoint: 'makeTables', covers: 'measured' },
    apply,
  ];
}

/** A program's calls, one of several rounds as often as it has rounds: each is a step of its own on the device. */
export const eachRound = (calls: readonly KernelCall[]): KernelCall[] =>
  calls.flatMap((call) => new Array<KernelCall>(call.kernel.rounds).fill(call));

/**
 * The slots that a batch's programs are run in, one after the other. They fit all programs seen so far and never become
 * fewer, so that the dispatches of a batch depend neither on its size nor on what was drawn for it.
 */
export class Schedule {
  /** The first slot's two passes read the upload. */
  readonly slots: Slot[] = [{ passes: 2, measures: false }];

  /** A slot for each call of a program (for each round of a call), in order. */
  place(calls: readonly { readonly kernel: Pick<Kernel, 'passes' | 'measuresInput'> }[]): number[] {
    let next = 0;
    return calls.map(({ kernel }) => {
      const slot = this.#slotFrom(next, kernel.passes);
      if (kernel.measuresInput) (this.slots[slot] as Slot).measures = true;
      next = slot + 1;
      return slot;
    });
  }

  /** The dispatches of one batch, by the names of their entry points. */
  get dispatches(): string[] {
    const inSlots = this.slots.flatMap(dispatchesOf).map(({ entryPoint }) => entryPoint);
    return [...inSlots, 'finish'];
  }

  #slotFrom(first: number, passes: Slot['passes']): number {
    const found = this.slots.findIndex((slot, i) => i >= first && slot.passes === passes);
    return found >= 0 ? found : this.slots.push({ passes, measures: false }) - 1;
  }
}
