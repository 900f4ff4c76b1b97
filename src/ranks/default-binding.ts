import type { Environment } from './launcher.ts';

/** Cores that a rank may run on, ranks of its host, and cores of that machine. */
interface Cores {
  readonly own: number;
  readonly localSize: number;
  readonly machine: number;
}

/**
 * What to say of a binding that nobody asked for: Open MPI's mpirun keeps each of two ranks on one core, and leaves the others idle.
 * Undefined where the ranks have all cores, or somebody chose.
 */
export function idleCores(environment: Environment, { own, localSize, machine }: Cores): string | undefined {
  const isBound = environment['OMPI_MCA_orte_bound_at_launch'] === '1';
  const isChosen = [
    'OMPI_MCA_hwloc_base_binding_policy',
    'OMPI_MCA_rmaps_base_mapping_policy',
    'SLURM_JOB_ID',
  ].some((name) => environment[name] !== undefined);
  if (!isBound || isChosen || own * localSize >= machine) return undefined;
  const what = `mpirun keeps each rank on ${own} of the ${machine} cores, which is its default`;
  return `${what}; with mpirun --bind-to none the ${localSize} ranks of this machine share all of them`;
}
