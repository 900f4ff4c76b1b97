/** What a task's place says of it. */
export interface Mark {
  /** The thread that began it; 0: none has. */
  readonly threadId: number;
  /** Which of its items the thread has in hand, from 0; undefined: none, before the first and after the last. */
  readonly item: number | undefined;
  /** Changes with each mark. */
  readonly beat: number;
}

// Fields of a place.
const THREAD = 0;
const ITEM = 1; // 0: none in hand
const BEAT = 2;
const STATE = 3;
const FIELDS = 4;

// Bits of the state.
const CONDEMNED = 1;
const UNINTERRUPTIBLE = 2;

/**
 * Shared memory in which threads say what they have in hand: it can be read when they are stuck, or dead. A thread is
 * condemned before it is ended, and then goes no further than to its next mark: so the last mark stays true, and it is
 * never ended in native code that does not bear it.
 */
export class Marks {
  readonly buffer: SharedArrayBuffer;
  readonly #fields: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#fields = new Int32Array(buffer);
  }

  /** A place for each task in flight. */
  static allocate(places: number): Marks {
    return new Marks(new SharedArrayBuffer(places * FIELDS * Int32Array.BYTES_PER_ELEMENT));
  }

  /** For a task that no thread has begun. */
  clear(place: number): void {
    for (const field of [THREAD, ITEM, STATE]) Atomics.store(this.#fields, place * FIELDS + field, 0);
  }

  read(place: number): Mark {
    const field = (index: number) => Atomics.load(this.#fields, place * FIELDS + index);
    const item = field(ITEM);
    return { threadId: field(THREAD), item: item === 0 ? undefined : item - 1, beat: field(BEAT) };
  }

  /** Stops the task's thread at its next mark. False while it is in code that must not be interrupted. */
  condemn(place: number): boolean {
    return (Atomics.or(this.#fields, place * FIELDS + STATE, CONDEMNED) & UNINTERRUPTIBLE) === 0;
  }

  /** Condemns them all; true when none is in code that must not be interrupted, nor will be. */
  condemnAll(places: readonly number[]): boolean {
    return places.filter((place) => !this.condemn(place)).length === 0;
  }

  /** The thread begins the task. This and what follows is called on the thread. */
  begin(place: number, threadId: number): void {
    Atomics.store(this.#fields, place * FIELDS + THREAD, threadId);
    this.#stopIfCondemned(place, Atomics.load(this.#fields, place * FIELDS + STATE));
  }

  hold(place: number, item: number): void {
    this.#stopIfCondemned(place, Atomics.load(this.#fields, place * FIELDS + STATE));
    Atomics.store(this.#fields, place * FIELDS + ITEM, item + 1);
    Atomics.add(this.#fields, place * FIELDS + BEAT, 1);
  }

  end(place: number): void {
    this.#stopIfCondemned(place, Atomics.load(this.#fields, place * FIELDS + STATE));
    Atomics.store(this.#fields, place * FIELDS + ITEM, 0);
  }

  enterUninterruptible(place: number): void {
    this.#stopIfCondemned(place, Atomics.or(this.#fields, place * FIELDS + STATE, UNINTERRUPTIBLE));
  }

  leaveUninterruptible(place: number): void {
    this.#stopIfCondemned(place, Atomics.and(this.#fields, place * FIELDS + STATE, ~UNINTERRUPTIBLE));
  }

  #stopIfCondemned(place: number, state: number): void {
    if ((state & CONDEMNED) === 0) return;
    // it may have been set by this thread on its way in
    Atomics.and(this.#fields, place * FIELDS + STATE, ~UNINTERRUPTIBLE);
    // until the thread is ended: nobody wakes it
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}
