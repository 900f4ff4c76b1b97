import { expect, it } from 'vitest';
import { describeOnEachMpi } from '../support/mpi.ts';
import { linesOf, onRanks } from '../support/mpi-programs.ts';

/** Both ranks have met once; then each does what `text` says. */
const afterMeeting = (text: string, timeoutMs = 60_000) => `
  const ranks = await openRanks({ timeoutMs: ${timeoutMs} });
  const { rank } = ranks;
  const vector = ranks.allocate(10);
  await ranks.sum(vector);
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  ${text}`;

describeOnEachMpi('a process of several ranks', (mpi) => {
  const run = (text: string, timeoutMs?: number) => onRanks(mpi, 2, afterMeeting(text, timeoutMs));

  it.each([
    ['at the end of its program', ''],
    ['at process.exit', 'process.exit(0);'],
    ['at process.exit while it closes', 'void ranks.close(); process.exit(0);'],
    ['after two calls of close', 'await Promise.all([ranks.close(), ranks.close()]); await ranks.close();'],
  ])('leaves the others in peace %s', async (_, text) => {
    expect(await run(text)).toMatchObject({ stdout: '', stderr: '', code: 0, left: [] });
  });

  it.each([
    ['at its end', ''],
    ['at process.exit', 'process.exit(0);'],
  ])('waits %s for others that still work on their own, however long', async (_, text) => {
    const finished = await run(`if (rank === 0) { await sleep(2500); console.log('worked'); } ${text}`, 1000);
    expect(finished).toMatchObject({ stdout: 'worked\n', stderr: '', code: 0, left: [] });
  });

  it.each([
    ['at once', 'if (rank === 1) await ranks.abort(7); await ranks.sum(vector);'],
    [
      'while it waits for another',
      'if (rank === 1) { void ranks.sum(vector); await sleep(200); await ranks.abort(7); } await sleep(60000);',
    ],
  ])('ends all of them with its code where it aborts %s', async (_, text) => {
    expect(await run(text)).toMatchObject({ code: 7, left: [] });
  });

  // launchers give the code of this one or that of one they killed
  it.each([
    ['by process.exit', 'if (rank === 1) process.exit(4); await ranks.sum(vector);'],
    [
      'by process.exit while it waits for another',
      'if (rank === 1) { void ranks.sum(vector); setTimeout(() => process.exit(4), 200); } else await sleep(60000);',
    ],
    ['by an exit code', 'process.exitCode = rank * 6; if (rank === 0) await ranks.sum(vector);'],
    [
      'by an error that nobody catches',
      "if (rank === 1) throw new Error('broken'); await ranks.sum(vector);",
    ],
    [
      'by process.exit(0) while the others go on',
      'if (rank === 1) process.exit(0); await ranks.sum(vector); await sleep(60000);',
    ],
  ])('ends all of them %s, and not well', async (_, text) => {
    const { code, left } = await run(text);
    expect(left).toEqual([]);
    expect(code).toBeGreaterThan(0);
  });

  it('takes one that does not come for hung, and can only abort then', async () => {
    const text = `
      if (rank === 0) await sleep(60000);
      const failures = [];
      const call = (promise) => promise.catch((error) => console.log(error.code, error.message));
      await Promise.all([call(ranks.sum(vector)), call(ranks.gather(new Uint8Array(3)))]);
      await call(ranks.close());
      await ranks.abort(9);`;
    const finished = await run(text, 1000);
    expect(finished).toMatchObject({ code: 9, left: [] });
    const message =
      'RANK_TIMEOUT waited 1 s for other ranks in the sum of 10 values: one hangs, or needs longer than that';
    expect(linesOf(finished).filter((line) => line.includes('TIMEOUT'))).toEqual(Array(3).fill(message));
  });

  it('does not take its own long computation for a rank that hangs', async () => {
    const text = `
      const sum = ranks.sum(vector);
      if (rank === 1) for (const end = performance.now() + 1500; performance.now() < end; );
      else await sleep(200);
      await sum;
      console.log('summed');
      if (rank === 0) await sleep(1500);
      await ranks.close();`;
    const finished = await run(text, 1000);
    expect(finished).toMatchObject({ stderr: '', code: 0 });
    expect(linesOf(finished)).toEqual(['summed', 'summed']);
  });

  it('does not wait for ever for one that never opens its ranks', async () => {
    const text = `
      if ((process.env.PMI_RANK ?? process.env.OMPI_COMM_WORLD_RANK) === '0') await new Promise((resolve) => setTimeout(resolve, 60000));
      await openRanks({ timeoutMs: 1000 }).catch(({ code, message }) => console.log(code, message));
      process.exit(8);`;
    const finished = await onRanks(mpi, 2, text);
    // MPICH's launcher may add the code of the rank that it kills, 9, bit by bit
    expect({ ...finished, code: Number(finished.code) & 8 }).toMatchObject({ code: 8, left: [] });
    expect(finished.stdout).toMatch(/^RANK_TIMEOUT waited 1 s for other ranks in opening MPI/m);
  });
});
