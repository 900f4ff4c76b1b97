import { describe, expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { itOnGpu } from '../support/gpu.ts';
import { describeOnEachMpi, type Mpi, mpis } from '../support/mpi.ts';
import { dividedFolder, outcomeOf, smallTraining, trainRanks } from '../support/rank-training.ts';

/** Trains on each number of ranks; all must come to the same end. */
async function expectSameEnd(mpi: Mpi, counts: readonly number[], flags: readonly string[]) {
  const data = await dividedFolder();
  const outcomes = [];
  for (const ranks of counts) {
    const workspace = folderOf();
    const finished = await trainRanks(mpi, ranks, [
      data,
      ...smallTraining,
      ...flags,
      '--workspace',
      workspace,
    ]);
    expect(finished, `${ranks} ranks: ${finished.stderr}`).toMatchObject({ code: 0 });
    expect(finished.left ?? []).toEqual([]);
    outcomes.push(outcomeOf(workspace, finished));
  }
  const [first, ...others] = outcomes as [(typeof outcomes)[0], ...typeof outcomes];
  for (const [i, { checkpoint, ...other }] of others.entries()) {
    expect(other).toEqual({ digests: first.digests, metrics: first.metrics });
    // not toEqual, which takes minutes to show how they differ
    expect(checkpoint.equals(first.checkpoint), `checkpoint of ${counts[i + 1]} ranks`).toBe(true);
  }
}

const manifold = ['--optimizer', 'rmsprop', '--use-ema', '0.9', '--optimizer-batch-size', '32'];

describeOnEachMpi('one training', (mpi) => {
  it('has the same weights, metrics and stream on 1, 2 and 4 ranks: RMSprop, MixUp, averaging, accumulation', async () => {
    const flags = ['--parts', '4', '--epochs', '2', '--log-outliers', '3', ...manifold];
    await expectSameEnd(mpi, [1, 2, 4], flags);
  });

  it('has them with SGD, and with as many parts as ranks by default', async () => {
    await expectSameEnd(mpi, [2, 1], ['--epochs', '1', '--optimizer', 'sgd', '--nesterov', '--parts', '2']);
  });
});

describeOnEachMpi("B0's training", (mpi) => {
  it('has the same weights on 1 and 2 ranks', async () => {
    const flags = ['--arch', 'efficientnet-b0', '--parts', '2', '--epochs', '1', ...manifold];
    await expectSameEnd(mpi, [1, 2], [...flags, '--training-only', '--prof', '2']);
  });
});

describeOnEachMpi('the trainer tfjs', (mpi) => {
  it('has the same weights on 1 and 2 ranks', async () => {
    const flags = ['--trainer', 'tfjs', '--tfjs-backend', 'wasm', '--parts', '2', '--epochs', '1'];
    await expectSameEnd(mpi, [1, 2], [...flags, ...manifold]);
  });
});

describe('in mixed precision, on a GPU', () => {
  itOnGpu('a training has the same weights on 1 and 2 ranks', async () => {
    const flags = ['--device', 'gpu', '--amp', '--parts', '2', '--epochs', '1'];
    await expectSameEnd(mpis.openMpi, [1, 2], [...flags, ...manifold]);
  });
});
