import { BackendError } from '../../core/errors.ts';

/** What all ranks do together. */
const calls = ['sum', 'gather', 'close'] as const;
export type Call = (typeof calls)[number];

/** What one of two ranks is about to do with the other. */
export interface Heading {
  readonly rank: number;
  readonly call: Call;
  /** Bytes that it gives and takes. */
  readonly gives: number;
  readonly takes: number;
}

/** Numbers of a heading. */
export const HEADING_LENGTH = 3;

export function writeHeading(into: Float64Array, { call, gives, takes }: Heading): void {
  into.set([calls.indexOf(call), gives, takes]);
}

export function readHeading([call, gives, takes]: Float64Array, rank: number): Heading {
  return { rank, call: calls[call as number] as Call, gives: gives as number, takes: takes as number };
}

/** Throws where two ranks are about to do different things: bytes of one would mean something else to the other. */
export function checkHeadings(own: Heading, other: Heading): void {
  if (own.call === other.call && own.gives === other.takes && own.takes === other.gives) return;
  const words = ({ rank, call, gives, takes }: Heading) =>
    `rank ${rank} is in ${call} (gives ${gives} bytes, takes ${takes})`;
  throw new BackendError('MPI_FAILED', `ranks are out of step: ${words(own)}, ${words(other)}`);
}
