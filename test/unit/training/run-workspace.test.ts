import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OutputError, ParameterError } from '../../../src/core/errors.ts';
import type { Dataset } from '../../../src/datasets/dataset.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const data = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));

/** Two steps, which make a weight of `weight` + 2. */
const tiny = (workspace: string, weight: number, more: Partial<TrainOptions> = {}): TrainOptions => ({
  ...{ data, trainer: countingTrainer(weight), workspace, evaluation: { data } },
  ...{ recipe: { imageSize: 8 }, stream: { batchSize: 4, workers: 0 }, schedule: { epochs: 1 } },
  ...more,
});

const textIn = (...path: string[]) => readFileSync(join(...path), 'utf8');

describe('a workspace that holds a run', () => {
  it('is refused by name, with what it holds and what to do, and is left as it was', async () => {
    const workspace = folderOf();
    await train(tiny(workspace, 1)).result;
    const before = readdirSync(workspace).map((name) => [name, textIn(workspace, name)]);
    const error = await train(tiny(workspace, 5)).result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ParameterError);
    expect((error as ParameterError).code).toBe('WORKSPACE_IN_USE');
    const { message } = error as ParameterError;
    expect(message).toContain(`${workspace}: holds a run already (checkpoint-epoch-0.safetensors, `);
    for (const choice of ['--workspace', `--resume ${workspace}`, '--force'])
      expect(message).toContain(choice);
    expect(readdirSync(workspace).map((name) => [name, textIn(workspace, name)])).toEqual(before);
  });

  it.each([
    ['metrics', 'metrics.jsonl'],
    ['metrics of the name asked for', 'own.jsonl'],
    ['a best checkpoint', 'model_best.safetensors'],
    ['a checkpoint of the name asked for', 'last.safetensors'],
    ['an epoch of it', 'last-epoch-12.safetensors'],
    ['a checkpoint of the usual name', 'checkpoint.safetensors'],
    ['a report', 'report.html'],
  ])('is known by %s alone', async (_, name) => {
    const workspace = folderOf({ [name]: '' });
    const names = { metricsFile: 'own.jsonl', checkpoints: { filename: 'last.safetensors' } };
    const error = await train(tiny(workspace, 1, names)).result.catch((reason: unknown) => reason);
    expect(String(error)).toContain(`holds a run already (${name})`);
    // what has no checkpoint cannot be continued
    expect(String(error).includes('--resume')).toBe(name === 'last.safetensors');
  });

  it('is moved into a folder of its own by force, whole and each time another, beside what is not of a run', async () => {
    const workspace = folderOf({ 'notes.txt': 'mine', 'epoch-1.txt': 'mine' });
    await train(tiny(workspace, 1)).result;
    const first = readdirSync(workspace).filter((name) => !name.endsWith('.txt'));
    const metrics = textIn(workspace, 'metrics.jsonl');
    for (const [i, weight] of [5, 9].entries()) {
      const warnings: string[] = [];
      const training = train(tiny(workspace, weight, { force: true }));
      training.subscribe((event) => event.type === 'warning' && warnings.push(event.message));
      await training.result;
      const folder = join(workspace, `earlier-run-${i + 1}`);
      expect(warnings).toContain(`the run that was in ${workspace} is now in ${folder}`);
      expect(readdirSync(folder)).toEqual(first);
    }
    expect(textIn(workspace, 'earlier-run-1', 'metrics.jsonl')).toBe(metrics);
    const others = ['notes.txt', 'epoch-1.txt', 'earlier-run-1', 'earlier-run-2'];
    expect(readdirSync(workspace).sort()).toEqual([...first, ...others].sort());
  });

  it('is continued by resume; a checkpoint of another run is not continued in its place', async () => {
    const [workspace, other] = [folderOf(), folderOf()];
    for (const folder of [workspace, other])
      await train(tiny(folder, 1, { schedule: { epochs: 2 }, runEpochs: 1 })).result;
    const rest = { schedule: { epochs: 2 } };
    const elsewhere = train(tiny(other, 1, { ...rest, resume: workspace })).result;
    await expect(elsewhere).rejects.toThrow(`${other}: holds a run already`);
    const { epochs } = await train(tiny(workspace, 1, { ...rest, resume: workspace })).result;
    expect(epochs.done).toBe(2);
    expect(existsSync(join(workspace, 'earlier-run-1'))).toBe(false);
  });

  it('gives the weights to start from before it is moved', async () => {
    const workspace = folderOf();
    await train(tiny(workspace, 1)).result;
    const pretrained = join(workspace, 'model_best.safetensors');
    const trainer = countingTrainer(0);
    await train(tiny(workspace, 0, { trainer, pretrained, force: true })).result;
    expect((await trainer.state()).weights['w']?.data[0]).toBe(5);
  });

  it('keeps the file that samples are excluded by', async () => {
    const workspace = folderOf({ 'quarantine.jsonl': '', 'metrics.jsonl': '' });
    const exclude = [join(workspace, 'quarantine.jsonl')];
    await train(tiny(workspace, 1, { exclude, force: true })).result;
    expect(readdirSync(join(workspace, 'earlier-run-1'))).toEqual(['metrics.jsonl']);
  });
});

describe('a workspace that cannot be written to', () => {
  /** Data that must not be looked at. */
  const untouched = new Proxy({ reader: 0, locator: 0 } as unknown as Dataset, {
    get: (_, name) => {
      throw new Error(`${String(name)} was asked for`);
    },
  });

  it.runIf(existsSync('/proc/self')).each([
    ['/proc/millrace-test', '/proc takes no new files and folders (ENOENT)'],
    ['/proc/self', '/proc/self takes no new files and folders (ENOENT)'],
  ])('such as %s is an error with the true reason, before data are opened', async (workspace, reason) => {
    const training = train({ ...tiny(workspace, 1), data: untouched, evaluation: false });
    const error = new OutputError('WRITE_FAILED', `${workspace}: the workspace cannot be written: ${reason}`);
    await expect(training.result).rejects.toThrow(error);
  });

  it.runIf(existsSync('/sys/kernel'))('because the disk is read-only is one as well', async () => {
    const training = train({ ...tiny('/sys/millrace-test', 1), data: untouched, evaluation: false });
    await expect(training.result).rejects.toThrow(
      /^\/sys\/millrace-test: the workspace .*(EACCES|EPERM|EROFS)/,
    );
  });

  it('because a file is in its way leaves the file', async () => {
    const file = join(folderOf({ file: 'mine' }), 'file');
    for (const workspace of [file, join(file, 'runs')])
      await expect(train(tiny(workspace, 1)).result).rejects.toThrow(
        /: the workspace cannot be written: (ENOTDIR|EEXIST)/,
      );
    expect(textIn(file)).toBe('mine');
  });

  it('is asked about without a trace where the training then fails', async () => {
    const workspace = join(folderOf(), 'a', 'b');
    await expect(train({ ...tiny(workspace, 1), data: 'nowhere' }).result).rejects.toThrow('nowhere');
    expect(existsSync(dirname(workspace))).toBe(false);
  });
});
