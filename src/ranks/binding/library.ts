import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { BackendError, reasonOf } from '../../core/errors.ts';
import type { Libraries } from '../launcher.ts';
import { mismatch } from '../mismatch.ts';
import { type Abi, abiOf } from './abi.ts';
import { type Functions, functionsOf, type Output } from './functions.ts';
import { hasSymbol, importKoffi, type Koffi } from './koffi.ts';

/** A library of MPI that is open. MPI itself is not: that is for `Mpi.open`. */
export interface MpiLibrary {
  readonly path: string;
  /** As it names itself: 'MPICH 5.0.2'. */
  readonly name: string;
  readonly isOpenMpi: boolean;
  readonly abi: Abi;
  readonly functions: Functions;
  /** The address of a view's first byte. */
  readonly addressOf: (view: ArrayBufferView) => bigint;
}

/** Opens the first of these libraries that opens. */
export async function openLibrary({ candidates, launcher, isOpenMpi }: Libraries): Promise<MpiLibrary> {
  const koffi = await importKoffi();
  const failures: string[] = [];
  for (const path of candidates) {
    if (candidates.length > 1 && isAbsolute(path) && !existsSync(path)) continue;
    const library = attempt(() => describe(koffi, path));
    if (typeof library === 'string') failures.push(`${path}: ${library}`);
    else if (launcher !== undefined && isOpenMpi && !library.isOpenMpi)
      throw mismatch(launcher, library.name, path, 'only Open MPI goes with that launcher');
    else return library;
  }
  const started = launcher === undefined ? '' : `${launcher} started this process, but `;
  const tried = `${started}no MPI library opens (${failures.join('; ')})`;
  const install = 'apt-get install openmpi-bin, or pip install mpich, and start with its mpirun';
  throw new BackendError('NO_MPI', `${tried}: ${install}; or name a library: MILLRACE_MPI=<path>`);
}

function describe(koffi: Koffi, path: string): MpiLibrary {
  const library = koffi.load(path, { global: true });
  const abi = abiOf(koffi, library, path);
  const addressOf = (view: ArrayBufferView) => koffi.address(view);
  const functions = functionsOf(library, abi);
  const name = nameOf(functions, addressOf);
  const isOpenMpi = hasSymbol(library, 'ompi_mpi_comm_world') || name.startsWith('Open MPI');
  return { path, name, isOpenMpi, abi, functions, addressOf };
}

/** What the work gives, or in words why it failed. */
function attempt<Result>(work: () => Result): Result | string {
  try {
    return work();
  } catch (cause) {
    return reasonOf(cause).split('\n')[0] as string;
  }
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
