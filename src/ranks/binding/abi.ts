import { hasSymbol, type Koffi, type SharedLibrary } from './koffi.ts';

/** A handle of MPI as it is passed to a function. */
export type Handle = number | bigint;

/** What differs between the binary interfaces of MPI's libraries, for the few functions that are used. */
export interface Abi {
  /** The C type of handles. */
  readonly handle: 'int' | 'intptr_t';
  readonly world: Handle;
  readonly byte: Handle;
  readonly float: Handle;
  /** The operation that adds. */
  readonly sum: Handle;
  /** The error handler that makes a function return its error, where it would end the process. */
  readonly errorsReturn: Handle;
  /** In place of an address where no status is wanted. */
  readonly statusIgnore: bigint;
  /** The level of threads that one thread's use of MPI needs. */
  readonly funneled: number;
}

/** MPICH, and those compatible with it (Intel MPI, MVAPICH): handles are numbers of 32 bits. */
const mpich: Abi = {
  handle: 'int',
  world: 0x44000000,
  byte: 0x4c00010d,
  float: 0x4c00040a,
  sum: 0x58000003,
  errorsReturn: 0x54000001,
  statusIgnore: 1n,
  funneled: 1,
};

/** The standard's own since MPI 5: handles are numbers of a pointer's size. */
const standard: Abi = {
  handle: 'intptr_t',
  world: 0x101n,
  byte: 0x247n,
  float: 0x210n,
  sum: 0x21n,
  errorsReturn: 0x143n,
  statusIgnore: 0n,
  funneled: 1024,
};

/** Handles are addresses of the library's variables. */
function openMpi(koffi: Koffi, library: SharedLibrary): Abi {
  const address = (name: string) => koffi.address(library.symbol(name));
  return {
    handle: 'intptr_t',
    world: address('ompi_mpi_comm_world'),
    byte: address('ompi_mpi_byte'),
    float: address('ompi_mpi_float'),
    sum: address('ompi_mpi_op_sum'),
    errorsReturn: address('ompi_mpi_errors_return'),
    statusIgnore: 0n,
    funneled: 1,
  };
}

/** Told by symbols where that is possible: MPICH 5 has the standard's functions in the library of its own ABI, too. */
export function abiOf(koffi: Koffi, library: SharedLibrary, path: string): Abi {
  if (hasSymbol(library, 'ompi_mpi_comm_world')) return openMpi(koffi, library);
  return /mpi_abi/.test(path) ? standard : mpich;
}
