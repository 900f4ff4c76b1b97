import { describe, expect, it } from 'vitest';
import { isFirstOfMachine, launcherOf } from '../../../src/ranks/launcher.ts';
import { coded } from '../../support/errors.ts';

const openMpi = {
  OMPI_COMM_WORLD_RANK: '3',
  OMPI_COMM_WORLD_SIZE: '4',
  OMPI_COMM_WORLD_LOCAL_RANK: '1',
  OMPI_COMM_WORLD_LOCAL_SIZE: '2',
  PMIX_RANK: '3',
};
const hydra = { PMI_RANK: '0', PMI_SIZE: '2', MPI_LOCALRANKID: '0', MPI_LOCALNRANKS: '2' };
const allocation = { SLURM_JOB_ID: '7', SLURM_NTASKS: '4', SLURM_NPROCS: '4', SLURM_NNODES: '2' };
const batchScript = { ...allocation, SLURM_PROCID: '0', SLURM_LOCALID: '0', SLURM_NODEID: '0' };
const step = {
  ...allocation,
  SLURM_STEP_ID: '0',
  SLURM_STEP_NUM_TASKS: '4',
  SLURM_PROCID: '2',
  SLURM_LOCALID: '0',
};

describe('launcherOf', () => {
  it.each([
    ['Open MPI', openMpi, ['mpirun (Open MPI)', 3, 4, 1, 2]],
    ['MPICH', hydra, ['mpiexec (MPICH)', 0, 2, 0, 2]],
    [
      'a PMI launcher that tells no place on the host',
      { PMI_RANK: '1', PMI_SIZE: '2' },
      ['mpiexec (MPICH)', 1, 2],
    ],
    ['a step of Slurm', step, ['srun', 2, 4, 0]],
    ['a step of Slurm with PMIx', { ...step, PMIX_RANK: '2' }, ['srun', 2, 4, 0]],
    ['a step of Slurm with PMI', { ...step, PMI_RANK: '2', PMI_SIZE: '4' }, ['mpiexec (MPICH)', 2, 4]],
    [
      'Open MPI, whose helper on this node is a step of Slurm of one task a node',
      { ...step, SLURM_STEP_NUM_TASKS: '2', SLURM_PROCID: '1', ...openMpi },
      ['mpirun (Open MPI)', 3, 4, 1, 2],
    ],
    ['PMIx alone, which does not tell how many', { PMIX_RANK: '1' }, ['a PMIx launcher', 1]],
  ] as const)('sees %s', (_, environment, [name, rank, size, localRank, localSize]) => {
    expect(launcherOf(environment)).toMatchObject({ name, rank, size, localRank, localSize });
  });

  it.each([
    ['a terminal', {}],
    ['a script in an allocation of Slurm', batchScript],
    ['a terminal in an allocation of Slurm', allocation],
    [
      'an interactive step of Slurm, which has one task',
      { ...step, SLURM_STEP_NUM_TASKS: '1', SLURM_PROCID: '0' },
    ],
    ['one rank of Open MPI', { ...openMpi, OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '1' }],
    ['one rank of MPICH', { PMI_RANK: '0', PMI_SIZE: '1' }],
    ['a size without a rank', { PMI_SIZE: '2' }],
    ['variables that are empty', { PMI_RANK: '', PMI_SIZE: '', OMPI_COMM_WORLD_SIZE: '' }],
    ['a terminal where a library is named', { MILLRACE_MPI: '/opt/mpi/lib/libmpi.so' }],
  ])('is alone in %s', (_, environment) => {
    expect(launcherOf(environment)).toBeUndefined();
  });

  it('tries Open MPI first where Slurm starts ranks by PMIx, else MPICH', () => {
    const firstOf = (environment: Record<string, string>) => launcherOf(environment)?.libraries.candidates[0];
    expect([firstOf({ ...step, PMIX_RANK: '2' }), firstOf(step)]).toEqual([
      'libmpi.so.40',
      'libmpi_abi.so.1',
    ]);
  });

  it.each(['two', '-1', '1.5', '1e3', 'NaN', '99999999999'])('refuses %s ranks', (size) => {
    const message = new RegExp(`^mpiexec \\(MPICH\\): PMI_SIZE must be a number, got '${size}'$`);
    expect(() => launcherOf({ ...hydra, PMI_SIZE: size })).toThrow(coded('INVALID_OPTION', message));
  });

  it('takes the library that the user names, and no other', () => {
    const candidates = ['/opt/mpi/lib/libmpi.so'];
    const environment = { ...hydra, PATH: '/usr/bin', MILLRACE_MPI: '/opt/mpi/lib/libmpi.so' };
    expect(launcherOf(environment)?.libraries).toMatchObject({ candidates, isOpenMpi: false });
  });

  it("looks beside the programs first, where a virtual environment has its library, then among the system's", () => {
    expect(launcherOf({ ...openMpi, PATH: '/venv/bin:/usr/bin::/venv/bin' })?.libraries).toEqual({
      launcher: 'mpirun (Open MPI)',
      candidates: [
        ...['/venv/lib/libmpi.so.40', '/venv/lib/libmpi.40.dylib'],
        ...['/usr/lib/libmpi.so.40', '/usr/lib/libmpi.40.dylib'],
        ...['libmpi.so.40', 'libmpi.40.dylib'],
      ],
      isOpenMpi: true,
    });
  });
});

describe('isFirstOfMachine', () => {
  it('is true of one rank of each machine', () => {
    expect(isFirstOfMachine(openMpi)).toBe(false);
    expect(isFirstOfMachine({ ...openMpi, OMPI_COMM_WORLD_LOCAL_RANK: '0' })).toBe(true);
  });

  it('is true of the first rank alone where no place on the machine is told', () => {
    expect(isFirstOfMachine({ PMI_RANK: '1', PMI_SIZE: '2' })).toBe(false);
    expect(isFirstOfMachine({ PMI_RANK: '0', PMI_SIZE: '2' })).toBe(true);
  });

  it('is true where nothing was started, or nobody understands what', () => {
    expect(isFirstOfMachine({})).toBe(true);
    expect(isFirstOfMachine({ ...hydra, PMI_RANK: 'none' })).toBe(true);
  });
});
