import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentForLauncher, findLauncher } from '../../../src/verify/ranks/find-launcher.ts';
import { folderOf } from '../../support/folders.ts';

/** A folder with these programs. */
function programs(...paths: string[]): string {
  const root = folderOf(Object.fromEntries(paths.map((path) => [path, '#!/bin/sh\n'])));
  for (const path of paths) chmodSync(join(root, path), 0o755);
  return root;
}

describe('the launcher that verify starts', () => {
  it('is the first of PATH', () => {
    const [none, some, more] = [folderOf(), programs('mpiexec'), programs('mpirun')];
    const PATH = ['', none, some, more].join(delimiter);
    expect(findLauncher({ PATH })).toBe(join(some, 'mpiexec'));
  });

  it('is the one beside the library that the user names', () => {
    const [path, own] = [programs('mpirun'), programs('bin/mpiexec')];
    const environment = { PATH: path, MILLRACE_MPI: join(own, 'lib/libmpi_abi.so.1') };
    expect(findLauncher(environment)).toBe(join(own, 'bin/mpiexec'));
    expect(findLauncher({ PATH: path, MILLRACE_MPI: 'libmpi.so.40' })).toBe(join(path, 'mpirun'));
  });

  it('is none where PATH has no program of that name', () => {
    expect(findLauncher({ PATH: folderOf({ mpirun: 'no program' }) })).toBeUndefined();
    expect(findLauncher({})).toBeUndefined();
  });

  it('gets nothing of an outer launcher, and all else', () => {
    const outer = { OMPI_COMM_WORLD_RANK: '1', PMI_RANK: '1', PMIX_RANK: '1', SLURM_PROCID: '1' };
    const environment = environmentForLauncher({ ...outer, PATH: '/bin', MILLRACE_MPI: 'libmpi.so.40' });
    expect(environment).toMatchObject({ PATH: '/bin', MILLRACE_MPI: 'libmpi.so.40' });
    for (const name of Object.keys(outer)) expect(environment).not.toHaveProperty(name);
  });
});
