import { expect, it } from 'vitest';
import type { Finding } from '../../src/cli/finding.ts';
import { describeOnEachMpi, millraceOn } from '../support/mpi.ts';

const withoutGpu = { VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' };

describeOnEachMpi('the doctor', (mpi) => {
  it('names the library that ranks would use, and the place of each', async () => {
    const { code, stdout } = await millraceOn(mpi, 2, ['doctor', '--json'], { env: withoutGpu });
    expect(code).toBe(0);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Finding[]).find(({ name }) => name === 'MPI'));
    const details = found.map((finding) => `${finding?.status}: ${finding?.detail}`);
    const pattern = new RegExp(`^ok: ${mpi.name} [\\d.]+ \\(.*libmpi.*\\), for training on many ranks$`);
    for (const detail of details) expect(detail).toMatch(pattern);
    const places = found.flatMap((finding) => finding?.notes ?? []).toSorted();
    expect(places).toEqual([
      expect.stringMatching(/^rank 0 of 2, started by mpi.* \(.*\)$/),
      expect.stringMatching(/^rank 1 of 2, started by mpi.* \(.*\)$/),
    ]);
  });
});
