import { expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { checkpointOf } from '../support/interrupted-training.ts';
import { describeOn, describeOnEachMpi, type Mpi, millraceOn, mpis, type RanksRun } from '../support/mpi.ts';
import { signal } from '../support/processes.ts';
import { dividedFolder, smallTraining } from '../support/rank-training.ts';

/** So many steps that none of these tests sees the last. */
const long = [...smallTraining, '--parts', '2', '--epochs', '500', '--training-only'];

/** Trains on two ranks, and calls `act` when a step has been made. */
async function trainAnd(mpi: Mpi, workspace: string, act: (run: RanksRun) => void, ...more: string[]) {
  const args = ['train', await dividedFolder(), ...long, '--workspace', workspace, ...more];
  let started: RanksRun | undefined;
  return millraceOn(mpi, 2, args, {
    onRun: (run) => {
      started = run;
    },
    onLine: (line) => line.startsWith('{"step":3,') && act(started as RanksRun),
  });
}

describeOnEachMpi('two ranks', (mpi) => {
  it('end when one of them hangs', async () => {
    const hang = (run: RanksRun) => signal(run.ranks().get(1) as number, 'SIGSTOP');
    const { code, left, stderr } = await trainAnd(mpi, folderOf(), hang, '--rank-timeout', '5');
    expect({ code, left }, stderr).toEqual({ code: 1, left: [] });
    expect(stderr).toContain('[RANK_TIMEOUT]');
  });
});

describeOn(mpis.mpich, "Ctrl-C on MPICH's launcher", () => {
  it('lets the ranks finish a step and write a checkpoint', async () => {
    const workspace = folderOf();
    const stop = ({ launcher }: RanksRun) => signal(launcher, 'SIGINT');
    const { code, left, stderr } = await trainAnd(mpis.mpich, workspace, stop);
    expect({ code, left }, stderr).toEqual({ code: 130, left: [] });
    await checkpointOf(workspace);
  });
});

describeOn(mpis.openMpi, "Ctrl-C on Open MPI's launcher", () => {
  it('gives the ranks a second, in which these write a checkpoint', async () => {
    const workspace = folderOf();
    const stop = ({ launcher }: RanksRun) => signal(launcher, 'SIGINT');
    const { code, left } = await trainAnd(mpis.openMpi, workspace, stop);
    expect({ code, left }).toEqual({ code: 1, left: [] });
    await checkpointOf(workspace);
  });
});

describeOn(mpis.mpich, 'a library of another MPI than the launcher', () => {
  it.each([
    ['MPICH', mpis.mpich, mpis.openMpi],
    ['Open MPI', mpis.openMpi, mpis.mpich],
  ])('is refused under %s', async (_, { launcher, flags }, { env }) => {
    const library = env['MILLRACE_MPI'] ?? 'libmpi.so.40';
    const mixed = { ...mpis.mpich, launcher, flags, env: { MILLRACE_MPI: library } };
    const args = ['train', await dividedFolder(), ...smallTraining, '--workspace', folderOf()];
    const { code, left, stderr } = await millraceOn(mixed, 2, args);
    expect(code, stderr).not.toBe(0);
    expect(left).toEqual([]);
    expect(stderr).toContain('[MPI_MISMATCH]');
  });
});
