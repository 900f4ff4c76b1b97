import { from, type ObservableInput, type Subscription } from 'rxjs';
import { DataError, ParameterError } from '../../core/errors.ts';
import type { RowLabels } from '../../core/multi-labels.ts';
import { type ImageItem, labelsOfItem, shareImage } from './images.ts';

/** What to do with an image that arrives while the buffer is full. */
export type Overflow = 'drop-oldest' | 'drop-newest' | 'error';
const overflows: readonly string[] = ['drop-oldest', 'drop-newest', 'error'] satisfies Overflow[];

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
export function live(input: ObservableInput<ImageItem>, options: LiveOptions): LiveSource {
  const { overflow, capacity = 256 }: LiveOptions = Object(options);
  if (!overflows.includes(overflow)) throw invalid('overflow', overflows.join(', '), overflow);
  if (!(Number.isInteger(capacity) && capacity >= 1)) throw invalid('capacity', 'an integer >= 1', capacity);
  return {
    name: `live(${overflow}, ${capacity})`,
    capacity,
    open: () => new LiveFeed(input, overflow, capacity),
  };
}

function invalid(name: string, expected: string, actual: unknown): ParameterError {
  return new ParameterError('INVALID_OPTION', `live: ${name} must be ${expected}, got ${actual}`);
}

export function isLiveSource(source: object): source is LiveSource {
  // a dataset of a user's own may have a method of that name
  return 'open' in source && !('reader' in source);
}

interface Arrival extends RowLabels {
  readonly id: number;
  readonly key: string;
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
  #error: { readonly reason: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(input: ObservableInput<ImageItem>, overflow: Overflow, capacity: number) {
    this.#subscription = from(input).subscribe({
      next: (item) => {
        try {
          if (!this.#ended) this.#accept(item, overflow, capacity);
        } catch (reason) {
          this.#stop(reason);
        }
      },
      error: (reason) => this.#end({ reason }),
      complete: () => this.#end(),
    });
  }

  /** The next `count` images; fewer only when the source has ended. */
  async take(count: number): Promise<Arrival[]> {
    while (this.#waiting.length < count && !this.#ended)
      await new Promise<void>((wake) => (this.#wake = wake));
    if (this.#waiting.length === 0 && this.#error !== undefined) throw this.#error.reason;
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
        throw new DataError('OVERFLOW', reason, { sample: item.key ?? String(id) });
      }
      this.dropped++;
      if (overflow === 'drop-newest') return;
      this.#waiting.shift();
    }
    const locator = shareImage(item.image);
    this.#waiting.push({ id, key: item.key ?? String(id), ...labelsOfItem(item, id), locator });
    this.#wake();
  }

  /** Ends the feed with an error of this side; a source that emits at once has no subscription yet. */
  #stop(reason: unknown): void {
    this.#subscription?.unsubscribe();
    this.#end({ reason });
  }

  #end(error?: { readonly reason: unknown }): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wake();
  }
}
