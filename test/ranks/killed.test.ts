import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { describeOnEachMpi, mpis, type RanksRun } from '../support/mpi.ts';
import { signal } from '../support/processes.ts';
import { dividedFolder, outcomeOf, smallTraining, trainRanks } from '../support/rank-training.ts';

const flags = [
  ...['--parts', '4', '--epochs', '6', '--checkpoint-steps', '1', '--training-only'],
  ...['--optimizer', 'rmsprop', '--use-ema', '0.9', '--optimizer-batch-size', '48'],
];
const STEPS = 12;

describeOnEachMpi('a training of 4 ranks', (mpi) => {
  it.each(mpi === mpis.openMpi ? [1, 2] : [1])(
    'ends as a whole when one is killed at any moment, and goes on with 2 to the same end: %i',
    async () => {
      const data = await dividedFolder();
      const [whole, killed] = [folderOf(), folderOf()];
      const train = (ranks: number, workspace: string, ...more: string[]) =>
        trainRanks(mpi, ranks, [data, ...smallTraining, ...flags, '--workspace', workspace, ...more]);
      const uninterrupted = await train(1, whole);

      const victim = Math.floor(4 * Math.random());
      const step = 1 + Math.floor((STEPS / 2) * Math.random());
      const delay = 60 * Math.random();
      let started: RanksRun | undefined;
      const first = await trainRanks(mpi, 4, [data, ...smallTraining, ...flags, '--workspace', killed], {
        onRun: (run) => {
          started = run;
        },
        onLine(line) {
          if (!line.startsWith(`{"step":${step},`)) return;
          const pid = started?.ranks().get(victim) as number;
          setTimeout(() => signal(pid, 'SIGKILL'), delay);
        },
      });
      const context = `rank ${victim} killed ${delay.toFixed()} ms after step ${step}: ${first.stderr}`;
      expect(first.code, context).not.toBe(0);
      expect(first.left, context).toEqual([]);
      expect(first.stdout, context).not.toContain(`{"step":${STEPS - 1},`);

      const second = await train(2, killed, '--resume', killed);
      expect(second, context).toMatchObject({ code: 0 });
      const [expected, ended] = [outcomeOf(whole, uninterrupted), outcomeOf(killed, second)];
      expect(ended.digests, context).toBe(expected.digests);
      expect(ended.checkpoint.equals(expected.checkpoint), context).toBe(true);
      expect(readFileSync(join(killed, 'metrics.jsonl'), 'utf8'), context).toContain('run.resumed');
    },
  );
});
