import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { folderOf } from '../support/folders.ts';
import {
  checkpointOf,
  dataFolder,
  expectSameAfterInterruption,
  lossesOf,
  metricsOf,
  trainInterruptibly as train,
} from '../support/interrupted-training.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';

describe('a training that was interrupted goes on to the same weights', () => {
  it('after kill -9 at any moment, and after SIGTERM, with other numbers of workers and threads too', () =>
    expectSameAfterInterruption(
      ['--device', 'cpu', '--threads', '2'],
      [
        ['--threads', '3'],
        ['--threads', '1'],
      ],
    ));
});

describe('--resume', () => {
  /** A trainer whose only weight counts the steps, and whose top-1 is right in its second epoch alone. */
  const counter = `
    let steps = 0;
    const weights = () => ({ w: { shape: [1], data: Float32Array.of(steps) } });
    export const createTrainer = () => ({
      name: 'counter', prepare: async () => {}, close: async () => {},
      load: async (state) => { steps = state.weights.w.data[0]; },
      state: async () => ({ weights: weights(), optimizer: {} }),
      trainStep: async () => ({ loss: ++steps }),
      evaluateStep: async ({ labels: { length } }) =>
        ({ lossSum: 0, top1: steps === 4 ? length : 0, top5: length, rows: length }),
    });`;
  const setting = async () => {
    const [data, workspace] = [await dataFolder(), folderOf({ 'counter.mjs': counter })];
    const own = ['--trainer', join(workspace, 'counter.mjs'), '--batch-size', '8', '--image-size', '8'];
    const run = (...more: string[]) =>
      millrace(['train', data, ...own, '--workspace', workspace, '--workers', '1', ...more]);
    const steps = async (name?: string) => (await checkpointOf(workspace, name)).state.weights['w']?.data[0];
    return { data, workspace, run, steps };
  };

  it('goes on after so many epochs a run, keeps the best, and says when nothing is left', async () => {
    const { workspace, run, steps } = await setting();
    const flags = ['--epochs', '3', '--run-epochs', '2'];
    expect(await run(...flags)).toMatchObject({ code: 0 });
    expect(await steps()).toBe(4);
    const { code, stderr } = await run(...flags, '--resume', workspace, '--workers', '2', '--keep', '2');
    expect({ code, steps: await steps() }).toEqual({ code: 0, steps: 6 });
    expect(stderr).toContain('trained 2 steps, 16 images');
    expect([await steps('model_best.safetensors'), await steps('checkpoint-epoch-1.safetensors')]).toEqual([
      4, 4,
    ]);
    const top1 = metricsOf(workspace).flatMap(({ epoch, 'val.top1': value }) =>
      value === undefined ? [] : [[epoch, value]],
    );
    expect(top1).toEqual([
      [0, 0],
      [1, 1],
      [2, 0],
    ]);
    expect((await run(...flags, '--resume', workspace)).stderr).toContain('nothing is left to train: 3 of 3');
  });

  it('refuses another training by what differs, and --force goes on', async () => {
    const { data, workspace, run, steps } = await setting();
    await run('--epochs', '1', '--run-epochs', '1');
    const other = ['--epochs', '2', '--augmentation', 'autoaugment', '--resume', workspace];
    const refused = await run(...other);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('\n  augmentation: was none, is autoaugment\n');
    expect(refused.stderr).toContain('\n  epochs: was 1, is 2\n');
    expect(refused.stderr).toContain('\nforce (--force) continues anyway [OTHER_TRAINING]');
    expect(await steps()).toBe(2);
    writeFileSync(join(data, 'train', 'cat', '0.jpg'), await photo(77, 40, 30));
    const forced = await run(...other, '--force');
    expect({ code: forced.code, steps: await steps() }).toEqual({ code: 0, steps: 4 });
    expect(forced.stderr).toMatch(
      /continuing, although another training wrote .*:\n(.*\n)*? {2}dataset: was .*16 images/,
    );
  });

  it('says of a file what is missing to go on from it', async () => {
    const { workspace, run } = await setting();
    const weights = join(workspace, 'weights.safetensors');
    const metadata = { model: '{}', classes: '[]', imageSize: '8' };
    await saveCheckpoint(weights, { state: { weights: {}, optimizer: {} }, metadata });
    expect((await run('--resume', weights)).stderr).toContain('[NOT_RESUMABLE]');
    expect((await run('--resume', workspace)).stderr).toContain(
      'checkpoint.safetensors: the checkpoint cannot be read',
    );
  });

  it('needs checkpoints, which --no-checkpoints leaves out; training stops early where it is told to', async () => {
    const { workspace, run } = await setting();
    const { code, stderr } = await run('--epochs', '9', '--early-stopping-patience', '1', '--no-checkpoints');
    expect(code).toBe(0);
    expect(stderr).toContain('stopped early: no epoch was better than epoch 2, top-1 100.0 %');
    expect(readdirSync(workspace).filter((name) => name.endsWith('.safetensors'))).toEqual([]);
  });

  it('and all else come after the question whether a trainer can keep the average asked for', async () => {
    const { run } = await setting();
    expect((await run('--use-ema', '0.9')).stderr).toContain(
      'the trainer counter keeps no average of the weights',
    );
  });
});

describe('--resume alone', () => {
  it('has data and flags of the run, and ends in the same bytes; a flag that is given is compared', async () => {
    const data = await dataFolder();
    const [whole, parts] = [folderOf(), folderOf()];
    const names = [
      '--raport-file',
      'metrics.jsonl',
      '--checkpoint-filename',
      'last.safetensors',
      '--keep',
      '2',
      '--ra-reps',
      '2',
    ];
    const [first] = await Promise.all([
      train(data, parts, {}, ...names, '--run-epochs', '1'),
      train(data, whole, {}, ...names),
    ]);
    expect(first).toMatchObject({ code: 0 });
    const other = await millrace(['train', '--resume', parts, '--mixup', '0.4']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('\n  mixup: was 0.2, is 0.4\n') });
    const evaluated = await millrace(['train', '--resume', parts, '--evaluate', '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ images: 2 });

    const { code, stderr } = await millrace(['train', '--resume', parts]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const [expected, actual] = [whole, parts].map((folder) => readFileSync(join(folder, 'last.safetensors')));
    // not toEqual, which takes minutes to show how they differ
    expect(actual?.equals(expected as Buffer)).toBe(true);
    expect(lossesOf(parts)).toEqual(lossesOf(whole));
    const epochs = readdirSync(parts).filter((name) => name.startsWith('last-epoch-'));
    expect(epochs).toEqual(['last-epoch-1.safetensors', 'last-epoch-2.safetensors']);
  });

  it('takes a checkpoint without metrics, with all that decides the weights', async () => {
    const data = await dataFolder();
    const [workspace, elsewhere] = [folderOf(), folderOf()];
    await train(data, workspace, {}, '--run-epochs', '1');
    const path = join(elsewhere, 'copy.safetensors');
    writeFileSync(path, readFileSync(join(workspace, 'checkpoint.safetensors')));
    expect(await millrace(['train', '--resume', path, '--run-epochs', '1'])).toMatchObject({ code: 0 });
    const { metadata } = await checkpointOf(elsewhere);
    const identities = [metadata, (await checkpointOf(workspace)).metadata].map(
      ({ training }) => JSON.parse(training as string).identity,
    );
    expect(identities[0]).toEqual(identities[1]);
  });

  it('says where the data were, when they are gone', async () => {
    const data = await dataFolder();
    const workspace = folderOf();
    await train(data, workspace, {}, '--run-epochs', '1');
    renameSync(data, `${data}-moved`);
    onTestFinished(() => renameSync(`${data}-moved`, data));
    const { code, stderr } = await millrace(['train', '--resume', workspace]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${data}: the data of the run are not there; if they have moved:`);
    expect(await millrace(['train', `${data}-moved`, '--resume', workspace])).toMatchObject({ code: 0 });
  });
});
