import type koffi from 'koffi';
import { BackendError, reasonOf } from '../../core/errors.ts';

export type Koffi = typeof koffi;
export type SharedLibrary = ReturnType<Koffi['load']>;

/** koffi calls C functions. It is optional, and loaded only in a process that a launcher started among others. */
export async function importKoffi(): Promise<Koffi> {
  try {
    return (await import('koffi')).default;
  } catch (cause) {
    const message = `MPI needs the package koffi, which cannot be loaded (${reasonOf(cause)}): npm install koffi`;
    throw new BackendError('NO_MPI', message, { cause });
  }
}

/** Ends the process at once, whatever its threads do: process.exit would wait for one that is inside a call of MPI. */
export async function openImmediateExit(): Promise<(exitCode: number) => void> {
  const koffi = await importKoffi();
  return koffi.load(null).func('_exit', 'void', ['int']);
}

export const hasSymbol = (library: SharedLibrary, name: string): boolean => {
  try {
    library.symbol(name);
    return true;
  } catch {
    return false;
  }
};
