import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { folderOf } from '../support/folders.ts';
import { photo } from '../support/photos.ts';
import { type Finished, killGroup, millrace, type ProcessOptions, signal } from '../support/processes.ts';

/** Every source of chance there is; updates of 3 steps, which span the ends of epochs of 4 and of checkpoints of 2. */
const flags = [
  ...['--arch', 'efficientnet-b4', '--width', '0.1', '--depth', '0.25', '--image-size', '16'],
  ...['--batch-size', '4', '--optimizer-batch-size', '12', '--epochs', '3', '--use-ema', '0.9'],
  ...['--augmentation', 'autoaugment', '--mixup', '0.2', '--optimizer', 'rmsprop', '--lr', '0.01'],
  ...['--workers', '1', '--checkpoint-steps', '2', '--digest', '--json'],
];
const STEPS = 12;

const dataFolder = async (): Promise<string> => {
  const files: Record<string, Uint8Array> = {};
  for (const name of ['cat', 'dog']) {
    for (let i = 0; i < 8; i++) files[`train/${name}/${i}.jpg`] = await photo(i, 32, 24);
    files[`val/${name}/0.jpg`] = await photo(40, 32, 24);
  }
  return folderOf(files);
};

const train = (
  data: string,
  workspace: string,
  options: ProcessOptions,
  ...more: string[]
): Promise<Finished> => millrace(['train', data, ...flags, '--workspace', workspace, ...more], options);

/** Whether a line has this step's metrics. */
const isOfStep = (step: number, line: string): boolean => line.startsWith(`{"step":${step},`);

const metricsOf = (workspace: string): Record<string, number>[] =>
  readFileSync(join(workspace, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const checkpointOf = (workspace: string, name = 'checkpoint.safetensors') =>
  loadCheckpoint(join(workspace, name));

/** Losses by step; a step that was made again counts with its last. */
const lossesOf = (workspace: string): Map<number, unknown> =>
  new Map(
    metricsOf(workspace).flatMap(({ step, 'train.loss': loss }) =>
      step === undefined ? [] : [[step, loss] as const],
    ),
  );

describe('a training that was interrupted goes on to the same weights', () => {
  it('after kill -9 at any moment, and after SIGTERM, with another number of workers too', async () => {
    const data = await dataFolder();
    const [whole, killed, stopped] = [folderOf(), folderOf(), folderOf()];
    // early enough that the run has not ended by then
    const victim = Math.floor(3 + Math.random() * (STEPS / 2 - 3));
    const later = 2 * Math.random();
    let begin = 0;
    const kill: ProcessOptions = {
      onLine(line, pid) {
        if (isOfStep(0, line)) begin = performance.now();
        const stepMs = (performance.now() - begin) / victim;
        if (isOfStep(victim, line)) setTimeout(() => killGroup(pid), later * stepMs);
      },
    };
    const stop: ProcessOptions = { onLine: (line, pid) => isOfStep(4, line) && signal(pid, 'SIGTERM') };
    const [uninterrupted, first, second] = await Promise.all([
      train(data, whole, {}),
      train(data, killed, kill),
      train(data, stopped, stop),
    ]);
    expect(uninterrupted).toMatchObject({ code: 0 });
    expect(second).toMatchObject({ code: 130 });
    const context = `killed ${later.toFixed(2)} steps after step ${victim}, code ${first.code}`;

    const resumed = await Promise.all([
      train(data, killed, {}, '--resume', killed, '--workers', '3'),
      train(data, stopped, {}, '--resume', join(stopped, 'checkpoint.safetensors'), '--workers', '0'),
    ]);
    const expected = readFileSync(join(whole, 'checkpoint.safetensors'));
    for (const [i, workspace] of [killed, stopped].entries()) {
      expect(resumed[i], context).toMatchObject({ code: 0 });
      const bytes = readFileSync(join(workspace, 'checkpoint.safetensors'));
      // not toEqual, which takes minutes to show how they differ
      expect(bytes.equals(expected), context).toBe(true);
      expect(lossesOf(workspace), context).toEqual(lossesOf(whole));
      expect(metricsOf(workspace).at(-1), context).toEqual(metricsOf(whole).at(-1));
      const names = readdirSync(workspace).filter((name) => name.endsWith('.tmp'));
      expect(names, context).toEqual([]);
    }
    const { state } = await checkpointOf(whole);
    expect(Object.keys(state.average ?? {})).toEqual(Object.keys(state.weights));
    // the signal let its step finish, so no step was made twice
    const steps = metricsOf(stopped).flatMap(({ step }) => step ?? []);
    expect(steps).toEqual(Array.from({ length: STEPS }, (_, step) => step));
    const from = metricsOf(stopped).find((record) => 'run.resumed' in record)?.['run.step'];
    // after the step in which the signal came: when step 4 is heard of, others may have begun
    expect(from).toBeGreaterThanOrEqual(5);
    expect(from).toBeLessThan(STEPS);

    const evaluate = (...more: string[]) =>
      millrace(['evaluate', join(whole, 'checkpoint.safetensors'), data, '--json', ...more]);
    const lastOf = (name: string) => metricsOf(whole).findLast((record) => name in record)?.[name];
    const losses = (await Promise.all([evaluate(), evaluate('--ema')])).map(
      ({ stdout }) => JSON.parse(stdout).loss,
    );
    expect(losses).toEqual([lastOf('val.loss'), lastOf('val_ema.loss')]);
    expect(losses[0]).not.toBe(losses[1]);
  });
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
