import { expect, it } from 'vitest';
import { describeOnEachMpi } from '../support/mpi.ts';
import { linesOf, onRanks } from '../support/mpi-programs.ts';

/** `valuesOf(rank, length)`: floats of which the order of additions can be told by the sum. */
const values = `
  const valuesOf = (rank, length) => {
    let state = Math.imul(rank + 1, 2654435761) >>> 0;
    return Float32Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 32 - 0.5) * 10 ** (state % 11 === 0 ? -41 : state % 7 - 3); // some of them subnormal
    });
  };
  const expectedOf = (size, length) => {
    const tree = new TreeSum();
    for (let rank = 0; rank < size; rank++) tree.add(valuesOf(rank, length));
    return tree.take();
  };
  const isSame = (a, b) => Buffer.compare(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer)) === 0;`;

describeOnEachMpi('ranks', (mpi) => {
  it.each([2, 4])("%i of them sum to the bits of a tree sum over the ranks' vectors", async (size) => {
    const text = `${values}
      const ranks = await openRanks();
      const results = [];
      for (const length of [0, 1, 2, 3, 7, 1000, 262144, 2000001]) {
        const vector = ranks.allocate(length);
        vector.set(valuesOf(ranks.rank, length));
        await ranks.sum(vector);
        results.push(isSame(vector, expectedOf(ranks.size, length)));
      }
      console.log(ranks.rank, ranks.size, ranks.localRank, ranks.localSize, ranks.library.replace(/ [\\d.]+$/, ''), ...results);
      await ranks.close();`;
    const finished = await onRanks(mpi, size, text);
    expect(finished).toMatchObject({ stderr: '', code: 0, left: [] });
    const rest = `${mpi.name}${' true'.repeat(8)}`;
    const expected = Array.from({ length: size }, (_, rank) => `${rank} ${size} ${rank} ${size} ${rest}`);
    expect(linesOf(finished)).toEqual(expected);
  });

  it('sum parts of a vector, and one of other memory, in the order of the calls', async () => {
    const text = `${values}
      const ranks = await openRanks();
      const expected = expectedOf(ranks.size, 5000);
      const vector = ranks.allocate(5000);
      vector.set(valuesOf(ranks.rank, 5000));
      const other = valuesOf(ranks.rank, 5000);
      const parts = [[0, 1], [1, 1501], [1501, 5000]];
      await Promise.all([...parts.map(([from, to]) => ranks.sum(vector.subarray(from, to))), ranks.sum(other)]);
      console.log(isSame(vector, expected), isSame(other, expected));
      await ranks.close();`;
    const finished = await onRanks(mpi, 2, text);
    expect(finished).toMatchObject({ stderr: '', code: 0 });
    expect(linesOf(finished)).toEqual(['true true', 'true true']);
  });

  it('gather bytes of any length, in the order of the ranks', async () => {
    const text = `
      const ranks = await openRanks();
      const lengthOf = (rank) => [0, 3, 0, 2500001][rank];
      const bytes = Buffer.alloc(lengthOf(ranks.rank), ranks.rank);
      const all = await ranks.gather(bytes);
      const isGood = all.every((one, rank) => one.length === lengthOf(rank) && one.every((byte) => byte === rank));
      const none = await ranks.gather(new Uint8Array(0));
      console.log(all.length, isGood, none.map((one) => one.length).join(), all[1].buffer instanceof ArrayBuffer);
      await ranks.close();`;
    const finished = await onRanks(mpi, 4, text);
    expect(finished).toMatchObject({ stderr: '', code: 0 });
    expect(linesOf(finished)).toEqual(Array(4).fill('4 true 0,0,0,0 true'));
  });

  it('wait for a slow one without holding up the event loop or a core', async () => {
    const text = `
      const ranks = await openRanks();
      const vector = ranks.allocate(1000);
      await ranks.sum(vector);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 10);
      const before = process.cpuUsage();
      if (ranks.rank === 1) await new Promise((resolve) => setTimeout(resolve, 1500));
      await ranks.sum(vector);
      const { user, system } = process.cpuUsage(before);
      clearInterval(timer);
      if (ranks.rank === 0) console.log(JSON.stringify({ ticks, processorMs: (user + system) / 1000 }));
      await ranks.close();`;
    const { stdout, stderr, code } = await onRanks(mpi, 2, text);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const { ticks, processorMs } = JSON.parse(stdout);
    expect(ticks).toBeGreaterThan(50);
    expect(processorMs).toBeLessThan(500);
  });

  it('notice that they are in different calls, before bytes of one are taken for those of another', async () => {
    const text = `
      const ranks = await openRanks();
      const call = ranks.rank === 0 ? ranks.sum(ranks.allocate(6)) : ranks.gather(new Uint8Array(5));
      await call.catch((error) => console.log(error.code, error.message));
      await ranks.abort(3);`;
    const finished = await onRanks(mpi, 2, text);
    expect(finished.code).toBe(3);
    expect(linesOf(finished)).toContainEqual(
      expect.stringMatching(
        /^MPI_FAILED ranks are out of step: rank (0 is in sum \(gives 12 bytes, takes 12\), rank 1 is in gather|1 is in gather)/,
      ),
    );
  });
});
