import { describe, expect, it } from 'vitest';
import { describeOnEachMpi, mpis } from '../support/mpi.ts';
import { linesOf, onRanks, programArguments } from '../support/mpi-programs.ts';
import { runCommand } from '../support/processes.ts';

/** Opens ranks in a process that looks as if a launcher had started it, and prints how that failed. */
async function failureOf(env: Readonly<Record<string, string>>, before = ''): Promise<string> {
  const text = `${before}
    await openRanks().then(() => console.log('opened'), ({ code, message }) => console.log(code, message));`;
  const finished = await runCommand(process.execPath, programArguments(text), { env, stdin: '' });
  expect(finished).toMatchObject({ stderr: '', code: 0 });
  return finished.stdout.trimEnd();
}

describe('opening ranks', () => {
  it('is alone without a launcher, whatever library is named', async () => {
    const text = `
      const ranks = await openRanks();
      console.log(ranks.rank, ranks.size, ranks.library, ranks === (await openRanks()));`;
    const env = { MILLRACE_MPI: '/nowhere/libmpi.so' };
    const { stdout, code } = await runCommand(process.execPath, programArguments(text), { env, stdin: '' });
    expect({ stdout, code }).toEqual({ stdout: '0 1 undefined true\n', code: 0 });
  });

  it('says what was tried and what to install where no library opens', async () => {
    const started = { PMI_RANK: '0', PMI_SIZE: '2', PATH: '', LD_LIBRARY_PATH: '' };
    const named = await failureOf({ ...started, MILLRACE_MPI: '/nowhere/libmpi.so' });
    expect(named).toMatch(
      /^NO_MPI mpiexec \(MPICH\) started this process, but no MPI library opens \(\/nowhere\/libmpi\.so: /,
    );
    expect(named).toMatch(/apt-get install openmpi-bin, or pip install mpich, .* MILLRACE_MPI=<path>$/);
  });

  it('says how to install koffi where that is missing', async () => {
    const hook = `export async function resolve(name, context, next) {
      if (name === 'koffi') throw new Error("Cannot find package 'koffi'");
      return next(name, context);
    }`;
    const before = `
      const { register } = await import('node:module');
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));`;
    const failure = await failureOf({ PMI_RANK: '0', PMI_SIZE: '2' }, before);
    expect(failure).toMatch(/^NO_MPI .*koffi.*Cannot find package 'koffi'.*npm install koffi$/);
  });

  it('refuses a number of ranks that is no power of two', async () => {
    expect(await failureOf({ PMI_RANK: '0', PMI_SIZE: '6' })).toBe(
      'INVALID_OPTION ranks: the number of ranks must be a power of two, got 6: start 4 or 8',
    );
  });
});

describeOnEachMpi('opening ranks', (mpi) => {
  it('gives the same ones twice', async () => {
    const text = `
      const [first, second] = await Promise.all([openRanks(), openRanks({ timeoutMs: 1000 })]);
      console.log(first === second, first === (await openRanks()));
      await first.close();
      await second.close();`;
    const finished = await onRanks(mpi, 2, text);
    expect(finished).toMatchObject({ stderr: '', code: 0 });
    expect(linesOf(finished)).toEqual(['true true', 'true true']);
  });

  it('ends at an abort, with others that never come', async () => {
    const text = `
      if ((process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK) === '1') {
        await new Promise((resolve) => setTimeout(resolve, 4000));
      } else {
        const start = performance.now();
        const signal = AbortSignal.timeout(500);
        await openRanks({ signal }).catch((error) => console.log(error === signal.reason));
        process.prependListener('exit', () => console.log(performance.now() - start < 3000));
        process.exitCode = 5;
      }`;
    const finished = await onRanks(mpi, 2, text);
    expect(finished.left).toEqual([]);
    expect(finished.code).toBe(5);
    expect(linesOf(finished)).toEqual(['true', 'true']);
  });

  it('leaves traps of WebAssembly exceptions', async () => {
    // (module (memory 1) (func (export "f") (param i32) (result i32) local.get 0 i32.load))
    const text = `
      const ranks = await openRanks();
      const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1,
        7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11];
      const { instance } = await WebAssembly.instantiate(Uint8Array.from(bytes));
      for (let i = 0; i < 20000; i++) instance.exports.f(4);
      try { instance.exports.f(0x7ffffff0); } catch (error) { console.log(error.message); }
      await ranks.close();`;
    const finished = await onRanks(mpi, 2, text);
    expect(finished).toMatchObject({ stderr: '', code: 0 });
    expect(linesOf(finished)).toEqual(Array(2).fill('memory access out of bounds'));
  });

  it("refuses another MPI's library, and says both names and what to do", async () => {
    const text = `
      await openRanks().catch(({ code, message }) => { console.log(code, message); process.exitCode = 5; });`;
    const library = mpi === mpis.openMpi ? (mpis.mpich.env['MILLRACE_MPI'] ?? '') : 'libmpi.so.40';
    const finished = await onRanks(mpi, 2, text, { MILLRACE_MPI: library });
    expect(finished.code).toBe(5);
    const reason =
      /^MPI_MISMATCH mp\w+ \(.*\) and the library .* \((MPICH|Open MPI) [\d.]+\) are of different MPIs: .*MILLRACE_MPI=<path>$/;
    for (const line of linesOf(finished)) expect(line).toMatch(reason);
  });
});
