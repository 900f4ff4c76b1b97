/**
 * Slots of streams that have ended, for streams that follow. V8 does not count shared memory, and so sees nothing to
 * collect: a training would keep the slots of a hundred evaluations. The references are weak: memory that no stream takes
 * again goes as it would without them.
 */
let ended: WeakRef<SharedArrayBuffer>[] = [];

/** The shared memory of a run's slots: which of it is in use, and whose it is after the run. */
export class SlotBuffers {
  readonly all: readonly SharedArrayBuffer[];
  readonly #inUse = new Set<number>();
  #isClosed = false;

  /** @param fits whether a buffer of another stream will do */
  constructor(
    count: number,
    fits: (buffer: SharedArrayBuffer) => boolean,
    allocate: () => SharedArrayBuffer,
  ) {
    this.all = Array.from({ length: count }, () => takeEnded(fits) ?? allocate());
  }

  begin(slot: number): void {
    this.#inUse.add(slot);
  }

  release(slot: number): void {
    if (this.#inUse.delete(slot) && this.#isClosed) this.#giveUp(slot);
  }

  /** Slots that were begun and never released stay this run's: a thread that hangs may write to them yet. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const slot of this.all.keys()) if (!this.#inUse.has(slot)) this.#giveUp(slot);
  }

  #giveUp(slot: number): void {
    ended.push(new WeakRef(this.all[slot] as SharedArrayBuffer));
  }
}

function takeEnded(fits: (buffer: SharedArrayBuffer) => boolean): SharedArrayBuffer | undefined {
  let taken: SharedArrayBuffer | undefined;
  ended = ended.filter((reference) => {
    const buffer = reference.deref();
    if (buffer === undefined) return false;
    if (taken !== undefined || !fits(buffer)) return true;
    taken = buffer;
    return false;
  });
  return taken;
}
