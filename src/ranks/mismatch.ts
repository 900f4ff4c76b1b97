import { BackendError } from '../core/errors.ts';

/** The error for a launcher and a library of different MPIs: their ranks would not find each other. */
export function mismatch(launcher: string, library: string, path: string, fact: string): BackendError {
  const message = `${launcher} and the library ${path} (${library}) are of different MPIs: ${fact}`;
  const own = "that library's own mpirun (srun: --mpi=pmix for Open MPI, --mpi=pmi2 for MPICH)";
  const remedy = `start with ${own}, or name the launcher's library: MILLRACE_MPI=<path>`;
  return new BackendError('MPI_MISMATCH', `${message}; ${remedy}`);
}
