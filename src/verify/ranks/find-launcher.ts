import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Environment, programFolders } from '../../ranks/launcher.ts';

const names = ['mpirun', 'mpiexec'];

/** The path of a program that starts ranks: beside the library of MILLRACE_MPI, else in PATH. */
export function findLauncher(environment: Environment): string | undefined {
  const { MILLRACE_MPI: library = '' } = environment;
  const beside = library.includes('/') ? [join(dirname(library), '../bin')] : [];
  const folders = [...beside, ...programFolders(environment)];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Variables by which a launcher, or Slurm, tells a process its place. */
const ofLaunchers = /^(OMPI_|PMI|PMIX_|PRTE_|OPAL_|ORTE_|MPI_|HYDRA_|HYDI_|SLURM_)/;

/**
 * Settings of Open MPI, which other launchers do not read: ranks may be more than cores, none is bound to a core that others use,
 * and root may start them.
 */
const openMpi = {
  OMPI_MCA_hwloc_base_binding_policy: 'none',
  PRTE_MCA_hwloc_default_binding_policy: 'none',
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe',
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  PRTE_ALLOW_RUN_AS_ROOT: '1',
  PRTE_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
};

/** For a launcher that this process starts, though another one may have started this process. */
export function environmentForLauncher(environment: Environment): NodeJS.ProcessEnv {
  const own = Object.entries(environment).filter(([name]) => !ofLaunchers.test(name));
  return { ...Object.fromEntries(own), ...openMpi };
}
