import { from, type ObservableInput, type Subscription } from 'rxjs';
import { DataError } from '../core/errors.ts';
import { type ImageItem, shareImage } from './images.ts';

/** What to do with an image that arrives while the buffer is full. */
export type Overflow = 'drop-oldest' | 'drop-newest' | 'error';

export interface LiveOptions {
  readonly overflow: Overflow;
  /** Images held until a batch takes them. Default 256. */
  readonly capacity?: number;
}

/** A source without a length or an order of its own: a camera, a socket, a queue. */
export interface LiveSource {
  readonly name: string;
  readonly capacity: number;
  readonly open: () => LiveFeed;
}

/**
 * Encoded images from any ObservableInput (Observable, async iterable, promise, ...), batched in order of arrival. The
 * sample's id is the number of its arrival. Dropped images are counted and reported, never lost silently.
 */
export function live(
  input: ObservableInput<ImageItem>,
  { overflow, capacity = 256 }: LiveOptions,
): LiveSource {
  return {
    name: `live(${overflow}, ${capacity})`,
    capacity,
    open: () => new LiveFeed(input, overflow, capacity),
  };
}

export function isLiveSource(source: object): source is LiveSource {
  return 'open' in source;
}

interface Arrival {
  readonly id: number;
  readonly key: string;
  readonly label: number;
  readonly locator: unknown;
}

/** The buffer between a live source and the batches. */
export class LiveFeed {
  /** Images that found the buffer full and were dropped. */
  dropped = 0;
  readonly #waiting: Arrival[] = [];
  readonly #subscription: Subscription;
  #arrived = 0;
  #ended = false;
  #error: unknown;
  #wake: () => void = () => {};

  constructor(input: ObservableInput<ImageItem>, overflow: Overflow, capacity: number) {
    this.#subscription = from(input).subscribe({
      next: (item) => this.#accept(item, overflow, capacity),
      error: (error) => this.#end(error),
      complete: () => this.#end(),
    });
  }

  /** The next `count` images; fewer only when the source has ended. */
  async take(count: number): Promise<Arrival[]> {
    while (this.#waiting.length < count && !this.#ended)
      await new Promise<void>((wake) => (this.#wake = wake));
    if (this.#waiting.length === 0 && this.#error !== undefined) throw this.#error;
    return this.#waiting.splice(0, count);
  }

  close(): void {
    this.#subscription?.unsubscribe();
    this.#end();
  }

  #accept(item: ImageItem, overflow: Overflow, capacity: number): void {
    const id = this.#arrived++;
    if (this.#waiting.length >= capacity) {
      if (overflow === 'error') {
        const reason = `live: an image arrived while ${capacity} were waiting (overflow: 'error')`;
        this.#subscription?.unsubscribe();
        this.#end(new DataError('OVERFLOW', reason, { sample: item.key ?? String(id) }));
        return;
      }
      this.dropped++;
      if (overflow === 'drop-newest') return;
      this.#waiting.shift();
    }
    const locator = shareImage(item.image);
    this.#waiting.push({ id, key: item.key ?? String(id), label: item.label ?? -1, locator });
    this.#wake();
  }

  #end(error?: unknown): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wake();
  }
}
