import { delimiter, dirname, join } from 'node:path';
import { ParameterError } from '../core/errors.ts';

/** What started this process as one of several. */
export interface Launcher {
  readonly name: string;
  readonly rank: number;
  /** Undefined where the environment does not tell: MPI does. */
  readonly size: number | undefined;
  readonly localRank: number | undefined;
  readonly localSize: number | undefined;
  readonly libraries: Libraries;
}

/** The libraries that may belong to a launcher. */
export interface Libraries {
  readonly launcher: string | undefined;
  /** Names or paths, likeliest first. */
  readonly candidates: readonly string[];
  /** Whether it must be Open MPI's: others may end the process when they find themselves started by its launcher. */
  readonly isOpenMpi: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const openMpi = ['libmpi.so.40', 'libmpi.40.dylib'];
const mpich = [
  ...['libmpi_abi.so.1', 'libmpi_abi.so.0', 'libmpi_abi.1.dylib', 'libmpi_abi.0.dylib'],
  ...['libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib'],
];

/** A way to start ranks, and the variables that tell one's place. Only one whose `size` is set has started anything. */
interface Kind {
  readonly name: string;
  readonly rank: string;
  readonly size: string | undefined;
  readonly localRank?: string;
  readonly localSize?: string;
  /** Another variable that is set. */
  readonly also?: string;
  readonly libraries: readonly string[];
}

const slurm = {
  name: 'srun',
  rank: 'SLURM_PROCID',
  // of the step: a batch script has SLURM_PROCID and SLURM_NTASKS as well, though it runs once
  size: 'SLURM_STEP_NUM_TASKS',
  localRank: 'SLURM_LOCALID',
};

/** Open MPI's and MPICH's launchers use srun for helpers of their own, so its variables count last but for bare PMIx. */
const kinds: readonly Kind[] = [
  {
    name: 'mpirun (Open MPI)',
    rank: 'OMPI_COMM_WORLD_RANK',
    size: 'OMPI_COMM_WORLD_SIZE',
    localRank: 'OMPI_COMM_WORLD_LOCAL_RANK',
    localSize: 'OMPI_COMM_WORLD_LOCAL_SIZE',
    libraries: openMpi,
  },
  {
    name: 'mpiexec (MPICH)',
    rank: 'PMI_RANK',
    size: 'PMI_SIZE',
    localRank: 'MPI_LOCALRANKID',
    localSize: 'MPI_LOCALNRANKS',
    libraries: mpich,
  },
  { ...slurm, also: 'PMIX_RANK', libraries: [...openMpi, ...mpich] },
  { ...slurm, libraries: [...mpich, ...openMpi] },
  { name: 'a PMIx launcher', rank: 'PMIX_RANK', size: undefined, libraries: [...openMpi, ...mpich] },
];

/** The launcher that started this process among others; undefined where it is alone. */
export function launcherOf(environment: Environment): Launcher | undefined {
  const kind = kinds.find(({ rank, size = rank, also = rank }) =>
    [rank, size, also].every((variable) => isSet(environment, variable)),
  );
  if (kind === undefined) return undefined;
  const number = (variable: string | undefined) => numberOf(environment, variable, kind.name);
  const size = number(kind.size);
  if (size === 1) return undefined;
  return {
    name: kind.name,
    rank: number(kind.rank) as number,
    size,
    localRank: number(kind.localRank),
    localSize: number(kind.localSize),
    libraries: {
      launcher: kind.name,
      candidates: candidatesOf(kind.libraries, environment),
      isOpenMpi: kind.libraries === openMpi,
    },
  };
}

/** Whether no rank of a lower number runs on the same machine; also where nobody says. */
export function isFirstOfMachine(environment: Environment): boolean {
  try {
    const launcher = launcherOf(environment);
    return (launcher?.localRank ?? launcher?.rank ?? 0) === 0;
  } catch {
    return true;
  }
}

/** The libraries of all launchers, for who asks before one has started anything. */
export const mpiLibraries = (environment: Environment): Libraries => ({
  launcher: undefined,
  candidates: candidatesOf([...openMpi, ...mpich], environment),
  isOpenMpi: false,
});

const isSet = (environment: Environment, variable: string): boolean => (environment[variable] ?? '') !== '';

function numberOf(environment: Environment, variable: string | undefined, launcher: string) {
  if (variable === undefined || !isSet(environment, variable)) return undefined;
  const text = environment[variable] as string;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ParameterError('INVALID_OPTION', `${launcher}: ${variable} must be a number, got '${text}'`);
}

/** The one that the user names; else those beside the programs of PATH (a virtual environment's), then the system's. */
function candidatesOf(libraries: readonly string[], environment: Environment): string[] {
  const named = environment['MILLRACE_MPI'] ?? '';
  if (named !== '') return [named];
  const beside = programFolders(environment).flatMap((folder) =>
    libraries.map((name) => join(dirname(folder), 'lib', name)),
  );
  return [...new Set(beside), ...libraries];
}

/** The folders of PATH. */
export const programFolders = ({ PATH = '' }: Environment): string[] =>
  PATH.split(delimiter).filter((folder) => folder !== '');
