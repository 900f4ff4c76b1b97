import { describe, expect, it } from 'vitest';
import { describeLaunch, launcherSharing } from '../../../src/cli/launched.ts';

const launched = (rank: string) => ({ OMPI_COMM_WORLD_RANK: rank, OMPI_COMM_WORLD_SIZE: '4' });

describe('a command that a launcher has started', () => {
  it('says once that each does the whole work', () => {
    expect(describeLaunch('bench', launched('0'))).toMatch(
      /^mpirun \(Open MPI\) has started millrace bench 4 times, and each does all of it/,
    );
    expect(describeLaunch('bench', launched('1'))).toBeUndefined();
  });

  it('says nothing where it shares its work, or was started once', () => {
    expect(describeLaunch('train', launched('0'))).toBeUndefined();
    expect(describeLaunch('bench', {})).toBeUndefined();
  });

  it('says nothing of variables that no launcher has set so', () => {
    expect(describeLaunch('bench', launched('none'))).toBeUndefined();
  });

  it('speaks by its first rank where it shares its work, or is not known', () => {
    expect(launcherSharing('train', launched('3'))).toMatchObject({ rank: 3 });
    expect(launcherSharing(undefined, launched('3'))).toMatchObject({ rank: 3 });
    for (const command of ['bench', 'doctor'])
      expect(launcherSharing(command, launched('3'))).toBeUndefined();
    expect(launcherSharing('train', launched('none'))).toBeUndefined();
  });
});
