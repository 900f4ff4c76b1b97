import { type Mpi, newRequest, type Request } from '../binding/mpi.ts';
import {
  type Call,
  checkHeadings,
  HEADING_LENGTH,
  type Heading,
  readHeading,
  writeHeading,
} from './heading.ts';
import { waitUntil } from './patience.ts';

/**
 * Bytes of one message. A network of 10 Gbit/s moves that in the time that `waitUntil` spins, and what has come is added while the
 * next is under way.
 */
const MESSAGE_BYTES = 1 << 20;
const IN_FLIGHT = 3;

/** Where the bytes of a peer go. */
export interface Taking {
  readonly length: number;
  /** Memory for bytes from..to - 1; another message may be on its way to that of another `slot`. */
  memory(from: number, to: number, slot: number): Uint8Array;
  /** They are there. */
  taken?(from: number, to: number, memory: Uint8Array): void;
}

/** Requests of a message to a peer and of one from it. */
interface Slot {
  readonly send: Request;
  readonly receive: Request;
}

const newSlot = (): Slot => ({ send: newRequest(), receive: newRequest() });

/** Exchanges bytes with other ranks, in messages of bounded size of which some are under way at a time. */
export class Peers {
  readonly rank: number;
  readonly size: number;
  readonly #mpi: Mpi;
  readonly #pause: (milliseconds: number) => void;
  readonly #slots = Array.from({ length: IN_FLIGHT }, newSlot);
  readonly #heading = {
    ...newSlot(),
    own: new Float64Array(new SharedArrayBuffer(8 * HEADING_LENGTH)),
    other: new Float64Array(new SharedArrayBuffer(8 * HEADING_LENGTH)),
  };
  #call: Call = 'gather';

  /** @param pause sleeps; it may throw, which ends an exchange */
  constructor(mpi: Mpi, pause: (milliseconds: number) => void) {
    this.rank = mpi.rank;
    this.size = mpi.size;
    this.#mpi = mpi;
    this.#pause = pause;
  }

  /** Says in which call the exchanges are that follow. A peer in another is an error: its bytes mean something else. */
  begin(call: Call): void {
    this.#call = call;
  }

  /** Adds floats that were taken to others, which are as many. */
  add(values: Uint8Array, into: Uint8Array): void {
    this.#mpi.add(values, into);
  }

  /** Gives bytes to a peer and takes bytes of it. */
  exchange(peer: number, given: Uint8Array, taking: Taking): void {
    this.#agree(peer, { rank: this.rank, call: this.#call, gives: given.length, takes: taking.length });
    const messages = Math.ceil(Math.max(given.length, taking.length) / MESSAGE_BYTES);
    const ends: (() => void)[] = [];
    const begin = () => ends.push(this.#begin(ends.length, peer, given, taking));
    while (ends.length < Math.min(messages, IN_FLIGHT)) begin();
    for (let ended = 0; ended < messages; ended++) {
      ends[ended]?.();
      if (ends.length < messages) begin();
    }
  }

  /** Before any memory is lent to a message, which nobody might take. */
  #agree(peer: number, heading: Heading): void {
    const { send, receive, own, other } = this.#heading;
    writeHeading(own, heading);
    this.#mpi.receive(new Uint8Array(other.buffer), peer, receive);
    this.#mpi.send(new Uint8Array(own.buffer), peer, send);
    this.#wait(receive);
    this.#wait(send);
    checkHeadings(heading, readHeading(other, peer));
  }

  /** Begins the messages of one number to and from a peer; gives what ends them. */
  #begin(number: number, peer: number, given: Uint8Array, taking: Taking): () => void {
    const slot = number % IN_FLIGHT;
    const { send, receive } = this.#slots[slot] as Slot;
    const from = number * MESSAGE_BYTES;
    const to = Math.min(taking.length, from + MESSAGE_BYTES);
    const memory = from < to ? taking.memory(from, to, slot) : undefined;
    const sent = given.subarray(from, from + MESSAGE_BYTES);
    if (memory) this.#mpi.receive(memory, peer, receive);
    if (sent.length > 0) this.#mpi.send(sent, peer, send);
    return () => {
      if (memory) this.#wait(receive);
      if (memory) taking.taken?.(from, to, memory);
      if (sent.length > 0) this.#wait(send);
    };
  }

  #wait(request: Request): void {
    waitUntil(() => this.#mpi.isDone(request), this.#pause);
  }
}

/** Memory for a message of each slot. */
export const slotMemory = (): Uint8Array[] =>
  Array.from({ length: IN_FLIGHT }, () => new Uint8Array(new SharedArrayBuffer(MESSAGE_BYTES)));
