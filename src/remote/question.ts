import type { HttpResponse } from './http-connections.ts';
import type { Stage } from './remote-errors.ts';

/** What is asked of which server, signed where it must be. */
export interface Target {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where something is asked for. */
export interface Place {
  /** The request with these headers: made anew for each, since signatures and tokens get old. */
  target(headers: Readonly<Record<string, string>>): Promise<Target>;
  /** Whether the answer tells how else to ask, which `target` heeds from then on. */
  tellsBetter?(answer: HttpResponse): boolean;
  /** Whether its server sends each request on to another. Then one request finds out where to, for all. */
  readonly isSentOn?: boolean;
}

/** A request for a part of an object, or for a list of objects. */
export interface Question {
  readonly stage: Stage;
  /** Of the object, as messages name it. */
  readonly url: string;
  readonly place: Place;
  /** Whether one object is asked for: where its requests are sent on to then holds for its next ones. */
  readonly isObject: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** A longer answer is not read. */
  readonly maxBytes: number;
}
