import { expect, it } from 'vitest';
import { describeOnEachMpi, nodeOn } from '../support/mpi.ts';

const program = 'console.log("rank", process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK);';

describeOnEachMpi('a launcher', (mpi) => {
  it('starts ranks, whose processes are known while they live', async () => {
    let seen = new Map<number, number>();
    const ended = await nodeOn(mpi, 2, ['-e', `${program} setTimeout(() => {}, 1500)`], {
      onRun: (run) => setTimeout(() => (seen = run.ranks()), 900),
    });
    expect(ended).toMatchObject({ code: 0, left: [] });
    expect([...seen.keys()].toSorted()).toEqual([0, 1]);
    expect(ended.stdout.split('\n').toSorted().join()).toBe(',rank 0,rank 1');
  });
});
