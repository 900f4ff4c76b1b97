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
const FIELDS = 3;

/** Shared memory in which threads say what they have in hand: it can be read when they are stuck, or dead. */
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
    this.#write(place, THREAD, 0);
    this.#write(place, ITEM, 0);
  }

  begin(place: number, threadId: number): void {
    this.#write(place, THREAD, threadId);
  }

  hold(place: number, item: number): void {
    this.#write(place, ITEM, item + 1);
    Atomics.add(this.#fields, place * FIELDS + BEAT, 1);
  }

  end(place: number): void {
    this.#write(place, ITEM, 0);
  }

  read(place: number): Mark {
    const field = (index: number) => Atomics.load(this.#fields, place * FIELDS + index);
    const item = field(ITEM);
    return { threadId: field(THREAD), item: item === 0 ? undefined : item - 1, beat: field(BEAT) };
  }

  #write(place: number, field: number, value: number): void {
    Atomics.store(this.#fields, place * FIELDS + field, value);
  }
}
