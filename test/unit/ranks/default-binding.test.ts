import { describe, expect, it } from 'vitest';
import { idleCores } from '../../../src/ranks/default-binding.ts';

const bound = { OMPI_MCA_orte_bound_at_launch: '1' };
const cores = { own: 1, localSize: 2, machine: 32 };

describe('cores that a launcher leaves idle', () => {
  it('are told of where Open MPI bound ranks by its default, with what to do', () => {
    expect(idleCores(bound, cores)).toBe(
      'mpirun keeps each rank on 1 of the 32 cores, which is its default; with mpirun --bind-to none the 2 ranks of this machine share all of them',
    );
  });

  it.each([
    ['all are used', bound, { ...cores, machine: 2 }],
    ['somebody chose a binding', { ...bound, OMPI_MCA_hwloc_base_binding_policy: 'core' }, cores],
    ['somebody chose a mapping', { ...bound, OMPI_MCA_rmaps_base_mapping_policy: 'slot:PE=4' }, cores],
    ['a job has only some of them', { ...bound, SLURM_JOB_ID: '7' }, cores],
    ['nothing was bound', {}, cores],
  ])('are not where %s', (_, environment, given) => {
    expect(idleCores(environment, given)).toBeUndefined();
  });
});
