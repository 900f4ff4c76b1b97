import type { ErrorRecord } from '../core/errors.ts';
import type { ReaderDescription } from '../datasets/dataset.ts';

/** What a thread that tries samples again is told once. */
export interface RecheckSetup {
  readonly reader: ReaderDescription;
}

export interface RecheckTask {
  readonly key: string;
  readonly locator: unknown;
}

/** Why the sample cannot be used; undefined where it was read and decoded. */
export type RecheckResult = ErrorRecord | undefined;
