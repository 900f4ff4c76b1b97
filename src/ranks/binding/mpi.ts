import { BackendError } from '../../core/errors.ts';
import type { Output } from './functions.ts';
import { type MpiLibrary, textOf } from './library.ts';

/** A message that is under way, in the memory where the library keeps its handle. */
export type Request = BigInt64Array;

/** MPI as one thread uses it: messages of bytes between ranks, none of which waits. */
export class Mpi {
  readonly rank: number;
  readonly size: number;
  readonly #library: MpiLibrary;

  private constructor(library: MpiLibrary) {
    const { functions, abi } = library;
    this.#library = library;
    this.#check('MPI_Init_thread', functions.initThread(0n, 0n, abi.funneled, [0]));
    this.#check('MPI_Comm_set_errhandler', functions.setErrorHandler(abi.world, abi.errorsReturn));
    this.rank = this.#number('MPI_Comm_rank', (value) => functions.rank(abi.world, value));
    this.size = this.#number('MPI_Comm_size', (value) => functions.size(abi.world, value));
  }

  /** Meets the other ranks. Once a process: MPI cannot be opened again. */
  static open(library: MpiLibrary): Mpi {
    return new Mpi(library);
  }

  /** Begins to send; the bytes must stay as they are until that is done. */
  send(bytes: Uint8Array, peer: number, request: Request): void {
    this.#check('MPI_Isend', this.#library.functions.send(...this.#message(bytes, peer, request)));
  }

  receive(bytes: Uint8Array, peer: number, request: Request): void {
    this.#check('MPI_Irecv', this.#library.functions.receive(...this.#message(bytes, peer, request)));
  }

  isDone(request: Request): boolean {
    const { functions, abi, addressOf } = this.#library;
    const test = (isDone: Output) => functions.test(addressOf(request), isDone, abi.statusIgnore);
    return this.#number('MPI_Test', test) !== 0;
  }

  /** into[i] += values[i], in float32. A loop of JavaScript takes 4 times as long (MPICH), or 11 (Open MPI). */
  add(values: Uint8Array, into: Uint8Array): void {
    const { functions, abi, addressOf } = this.#library;
    const addresses = [addressOf(values), addressOf(into)] as const;
    const error = functions.reduceLocal(...addresses, into.byteLength / 4, abi.float, abi.sum);
    this.#check('MPI_Reduce_local', error);
  }

  /** Ends all ranks: does not return. */
  abort(exitCode: number): void {
    this.#library.functions.abort(this.#library.abi.world, exitCode);
  }

  finalize(): void {
    this.#check('MPI_Finalize', this.#library.functions.finalize());
  }

  /** Between two ranks messages keep their order, so one tag serves all. */
  #message(bytes: Uint8Array, peer: number, request: Request) {
    const { abi, addressOf } = this.#library;
    return [addressOf(bytes), bytes.byteLength, abi.byte, peer, 0, abi.world, addressOf(request)] as const;
  }

  #number(name: string, call: (value: Output) => number): number {
    const value: Output = [0];
    this.#check(name, call(value));
    return value[0];
  }

  #check(name: string, error: number): void {
    if (error === 0) return;
    const { functions, addressOf, name: library } = this.#library;
    const reason = textOf(addressOf, (text, length) => functions.errorString(error, text, length));
    throw new BackendError('MPI_FAILED', `${library}: ${name}: ${reason}`);
  }
}

export const newRequest = (): Request => new BigInt64Array(new SharedArrayBuffer(8));
