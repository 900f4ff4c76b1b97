import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { describeOnEachMpi } from '../support/mpi.ts';
import { photoFolder } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';

const name = 'weights of one training on 1, 2, 4 ranks';

/** Of `millrace verify`, this variant alone; its line, and the verdict. */
async function verifyWeights(env: Readonly<Record<string, string>>, ...more: string[]) {
  const flags = ['--image-size', '16', '--batch-size', '4', '--only', 'weights', ...more];
  const { code, stdout, stderr } = await millrace(['verify', await photoFolder(4), ...flags], { env });
  return { code, stderr, stdout, line: stdout.split('\n').find((one) => one.startsWith(name)) };
}

/** The environment in which this script is the only launcher. */
function launcherOf(script: string): Record<string, string> {
  const folder = folderOf({ mpirun: `#!/bin/bash\n${script}\n` });
  chmodSync(join(folder, 'mpirun'), 0o755);
  return { PATH: `${folder}:/usr/bin:/bin`, MILLRACE_MPI: '' };
}

describeOnEachMpi('millrace verify', (mpi) => {
  it('trains on 1, 2 and 4 ranks to the same weights, whatever started it', async () => {
    const PATH = `${dirname(mpi.launcher as string)}:${process.env['PATH']}`;
    // of an outer launcher, which must reach no rank
    const outer = { OMPI_COMM_WORLD_RANK: '1', PMI_RANK: '1', SLURM_PROCID: '1' };
    const { code, stdout, line } = await verifyWeights({ PATH, ...mpi.env, ...outer });
    expect(line).toMatch(new RegExp(`^${name} +144 {2}PASS$`));
    expect(stdout).toMatch(/\nPASS: the same weights on 1, 2 and 4 ranks; /);
    expect(code).toBe(0);
  });
});

describe('millrace verify', () => {
  it('says how to get an MPI where there is none', async () => {
    const { code, line } = await verifyWeights({ PATH: folderOf(), MILLRACE_MPI: '' });
    expect(line).toMatch(/ 0 {2}SKIP \(.*apt-get install openmpi-bin, or pip install mpich\)$/);
    // nothing was compared
    expect(code).toBe(1);
  });

  it('says why a launcher starts nothing', async () => {
    const { line } = await verifyWeights(launcherOf('echo "not enough slots" >&2; exit 1'));
    expect(line).toMatch(/SKIP \(.*mpirun: exit code 1: not enough slots\)$/);
  });

  it('fails where ranks do not see each other', async () => {
    const { code, line } = await verifyWeights(launcherOf('shift 2; exec "$@"'));
    expect(line).toMatch(/FAIL .*weights: 2 ranks: each of them sees 1$/);
    expect(code).toBe(1);
  });

  it('fails where ranks come to other weights', async () => {
    const lie = `shift 2; "$@" | sed 's/"ranks":1/"ranks":2/; s/"digest":"./"digest":"x/'`;
    const { code, line } = await verifyWeights(launcherOf(lie));
    expect(line).toMatch(/FAIL .*weights: 2 ranks: digest x\w{11} instead of \w{12}$/);
    expect(code).toBe(1);
  });

  it('can be asked not to', async () => {
    const { code, stderr } = await verifyWeights({}, '--no-ranks');
    expect(stderr).toContain("no variant has 'weights' in its name");
    expect(code).toBe(2);
  });
});
