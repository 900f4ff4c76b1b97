import type { Place, Question } from './question.ts';
import type { RemoteFile } from './remote-file.ts';
import type { Answer } from './transport.ts';

/** Gives what is made of the answer. */
export type Ask = <T>(question: Question, use: (answer: Answer) => T) => Promise<T>;

/** Where the objects of one scheme lie. */
export interface Origin {
  /** The object's address without what gives access to it. Throws a ParameterError where it is no address. */
  plainUrl(url: string): string;
  /** Of an object by its plain URL. */
  place(url: string): Place;
  /** What the answer to a request for its first byte says of an object. */
  describe(url: string, answer: Answer): RemoteFile;
  /** All objects in a folder and the folders in it. */
  list(url: string, ask: Ask): Promise<readonly RemoteFile[]>;
  /** Whether the URL itself says that the bytes are the same: the server's answers then need not. */
  readonly isPinned: boolean;
}
