import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { describeOnEachMpi, type Mpi, millraceOn, nodeOn, type RanksOptions } from '../support/mpi.ts';
import { main, scriptArguments } from '../support/processes.ts';

/** What millrace says, without what its launcher does, and how it ended. */
async function saidOn(mpi: Mpi, ranks: number, args: readonly string[], options?: RanksOptions) {
  const { code, stdout, stderr, left } = await millraceOn(mpi, ranks, args, options);
  return { code, left, stdout, said: errorsIn(stderr) };
}

const errorsIn = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('error:'));

/** Runs `millrace train` with another flag on the last of two ranks. */
const unlike = (data: string, flag: string) => {
  const own = ['node', 'millrace', 'train', data, '--device', 'cpu', '--workspace', join(data, 'run')];
  return scriptArguments(
    {},
    `const isLast = (process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK) === '1';
    process.argv = [...${JSON.stringify(own)}, ...(isLast ? [${JSON.stringify(flag)}] : [])];
    await import(${JSON.stringify(pathToFileURL(main).href)});`,
  );
};

describeOnEachMpi('wrong usage on many ranks', (mpi) => {
  it('is said once, and is no reason to wait', async () => {
    const unknown = ["error: unknown option '--lerning-rate'"];
    const typed = await saidOn(mpi, 2, ['train', 'photos', '--lerning-rate', '1']);
    expect(typed).toMatchObject({ code: 2, left: [], said: unknown });
    const command = await saidOn(mpi, 2, ['trian', 'photos']);
    expect(command).toMatchObject({ code: 2, left: [], said: ["error: unknown command 'trian'"] });
  });

  it('of one rank alone is said by the others, which do not wait for it', async () => {
    const finished = await nodeOn(mpi, 2, unlike(folderOf(), '--lerning-rate'));
    expect(finished).toMatchObject({ code: 2, left: [] });
    const message = "error: rank 1 of 2: unknown option '--lerning-rate' [INVALID_OPTION]";
    expect(errorsIn(finished.stderr)).toEqual([message]);
  });

  it('of three ranks is said once', async () => {
    const { code, said } = await saidOn(mpi, 3, ['train', 'photos']);
    const message = 'ranks: the number of ranks must be a power of two, got 3: start 2 or 4';
    expect({ code, said }).toEqual({ code: 2, said: [`error: ${message} [INVALID_OPTION]`] });
  });

  it('does not hide behind a missing library, which is said once too', async () => {
    const env = { MILLRACE_MPI: '/nowhere/libmpi.so' };
    const missing = await saidOn(mpi, 2, ['train', 'photos'], { env });
    expect(missing).toMatchObject({ code: 1, said: [expect.stringMatching(/ \[NO_MPI\]$/)] });
    const typed = await saidOn(mpi, 2, ['train', 'photos', '--lerning-rate', '1'], { env });
    expect(typed).toMatchObject({ code: 2, said: ["error: unknown option '--lerning-rate'"] });
  });

  it('may be looked up: help and values in force are printed once', async () => {
    const config = join(folderOf(), 'mine.json');
    writeFileSync(config, '{ "parts": 2 }');
    const printed = await saidOn(mpi, 2, ['train', '--config', config, '--print-config']);
    expect(JSON.parse(printed.stdout)).toMatchObject({ parts: 2 });
    const help = await saidOn(mpi, 2, ['train', '--help']);
    expect(help.stdout.match(/^Usage: /gm)).toHaveLength(1);
  });
});
