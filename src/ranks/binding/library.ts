import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { BackendError, reasonOf } from '../../core/errors.ts';
import { type Abi, abiOf } from './abi.ts';
import { type Functions, functionsOf, type Output } from './functions.ts';
import { importKoffi } from './koffi.ts';

/** A library of MPI that is open. MPI itself is not: that is for `Mpi.open`. */
export interface MpiLibrary {
  readonly path: string;
  /** As it names itself: 'MPICH 5.0.2'. */
  readonly name: string;
  readonly abi: Abi;
  readonly functions: Functions;
  /** The address of a view's first byte. */
  readonly addressOf: (view: ArrayBufferView) => bigint;
}

/** Opens the first of these libraries that opens. @param launcher by which this process was started, where it was */
export async function openLibrary(candidates: readonly string[], launcher?: string): Promise<MpiLibrary> {
  const koffi = await importKoffi();
  const failures: string[] = [];
  for (const path of candidates) {
    if (candidates.length > 1 && isAbsolute(path) && !existsSync(path)) continue;
    try {
      const library = koffi.load(path, { global: true });
      const abi = abiOf(koffi, library, path);
      const addressOf = (view: ArrayBufferView) => koffi.address(view);
      const functions = functionsOf(library, abi);
      return { path, name: nameOf(functions, addressOf), abi, functions, addressOf };
    } catch (cause) {
      failures.push(`${path}: ${reasonOf(cause).split('\n')[0]}`);
    }
  }
  const started = launcher === undefined ? '' : `${launcher} started this process, but `;
  const tried = `${started}no MPI library opens (${failures.join('; ')})`;
  const install = 'apt-get install openmpi-bin, or pip install mpich, and start with its mpirun';
  throw new BackendError('NO_MPI', `${tried}: ${install}; or name a library: MILLRACE_MPI=<path>`);
}

function nameOf(functions: Functions, addressOf: MpiLibrary['addressOf']): string {
  const version = textOf(addressOf, (text, length) => functions.libraryVersion(text, length));
  const known = /^(Open MPI) v([\w.]+)|^(MPICH|MVAPICH\w*) Version:\s*(\S+)/.exec(version);
  return known ? known.slice(1).filter(Boolean).join(' ') : (version.split('\n')[0] as string).trim();
}

/** The longest text that a function of any library writes: MPI_MAX_LIBRARY_VERSION_STRING. */
const LONGEST_TEXT = 8192;

export function textOf(
  addressOf: MpiLibrary['addressOf'],
  write: (text: bigint, length: Output) => void,
): string {
  const text = Buffer.from(new ArrayBuffer(LONGEST_TEXT));
  const length: Output = [0];
  write(addressOf(text), length);
  return (text.toString('latin1', 0, length[0]).split('\0')[0] as string).trim();
}
