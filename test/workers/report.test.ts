import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMetrics } from '../../src/workspace/metrics-reader.ts';
import { folderOf } from '../support/folders.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';
import { flawOf } from '../support/well-formed.ts';

/** Takes everything for class 0, at another loss from the third step on. */
const trainerOf = (laterLoss: number) => `
  const nothing = async () => {};
  export const trainer = {
    name: 'first class', prepare: nothing, load: nothing, close: nothing,
    state: async () => ({ weights: { w: { shape: [1], data: new Float32Array(1) } }, optimizer: {} }),
    trainStep: async (batch, { step }) => ({ loss: step < 2 ? 1 : ${laterLoss} }),
    evaluateStep: async ({ labels }) => ({
      lossSum: 1, top1: labels.filter((label) => label === 0).length, top5: labels.length,
      rows: labels.length, predictions: new Int32Array(labels.length),
    }),
  };`;

const photographs = async () => ({
  'train/<b>&"/0.jpg': await photo(0),
  'train/<b>&"/1.jpg': await photo(1),
  'train/dog/0.jpg': await photo(2),
  'train/dog/1.jpg': await photo(3),
  'val/<b>&"/0.jpg': await photo(4),
  'val/dog/0.jpg': await photo(5),
  'val/dog/1.jpg': await photo(6),
});

async function train(...flags: readonly string[]) {
  const data = folderOf(await photographs());
  const workspace = folderOf({ 'trainer.mjs': trainerOf(2) });
  const small = ['--image-size', '16', '--batch-size', '2', '--epochs', '2', '--workers', '1'];
  const finished = await millrace(['train', data, '--workspace', workspace, ...small, ...flags]);
  return { ...finished, workspace, read: (name: string) => readFileSync(join(workspace, name), 'utf8') };
}

const withLoss = async (laterLoss: number, ...flags: readonly string[]) => {
  const workspace = folderOf({ 'mine.mjs': trainerOf(laterLoss) });
  return await train('--trainer', join(workspace, 'mine.mjs'), ...flags);
};
const mine = (...flags: readonly string[]) => withLoss(2, ...flags);

describe('a training', () => {
  it('leaves a report of itself, which can be made anew from its files', async () => {
    const { code, stderr, workspace, read } = await mine();
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('report: ') });
    const page = read('report.html');
    expect(flawOf(page)).toBeUndefined();
    expect(page).not.toMatch(/https?:/);
    expect(page).toContain('4 steps · 2 of 2 epochs');
    expect(page).toContain('<dt>val top-1</dt><dd>33.3 %</dd>');
    expect(page).toContain('<th scope="row">&lt;b&gt;&amp;&quot;</th>');
    expect(page).toContain('<h3>Accuracy on val</h3>');
    expect(page).toContain('<h2>Confusion on val, after 2 epochs</h2>');
    expect(page.match(/<img /g)).toHaveLength(4 * 6);
    const [{ original }] = JSON.parse(read('samples.json'));
    expect(page).toContain(`base64,${original.png}`);
    expect(existsSync(join(workspace, 'samples.png'))).toBe(true);
    expect(page).not.toMatch(/top-?5/);
    expect(JSON.parse(read('confusion.json'))).toEqual({
      epoch: 1,
      classes: ['<b>&"', 'dog'],
      cells: [
        { label: 0, prediction: 0, images: 1 },
        { label: 1, prediction: 0, images: 2 },
      ],
    });

    rmSync(join(workspace, 'report.html'));
    expect((await millrace(['report', workspace])).code).toBe(0);
    expect(read('report.html')).toBe(page);
    const out = join(folderOf(), 'other.html');
    expect((await millrace(['report', workspace, '--out', out])).stderr).toContain(`report: ${out}`);
    expect(readFileSync(out, 'utf8')).toBe(page);
  });

  it('ends at a loss that is no finite number, which the report and the replay command tell of', async () => {
    const { code, stderr, workspace, read } = await withLoss(Number.NaN);
    const command = `millrace replay --from ${join(workspace, 'metrics.jsonl')} --step 2`;
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('[LOSS_NOT_FINITE]') });
    expect(stderr).toContain('error: step 2 (epoch 1, batch 0): the loss is NaN, in a batch of 2 rows: ');
    expect(stderr).toContain(command);
    expect(read('report.html')).toContain('The loss was no finite number at 1 step, first at step 2.');
    const [, ...args] = command.split(' ');
    const replayed = await millrace([...args, '--out', join(workspace, 'replay.html')]);
    expect({ code: replayed.code, stderr: replayed.stderr }).toMatchObject({ code: 0 });
  });

  it('writes its metrics under the name that --raport-file gives', async () => {
    const { code, workspace } = await mine('--raport-file', 'raport.json');
    expect(code).toBe(0);
    expect(existsSync(join(workspace, 'metrics.jsonl'))).toBe(false);
    const records = [...readMetrics(join(workspace, 'raport.json'))];
    expect(records.filter((record) => 'train.loss' in record && !('step' in record))).toMatchObject([
      { epoch: 0, 'train.loss': 1 },
      { epoch: 1, 'train.loss': 2 },
    ]);
    const validated = { 'val.top1': 1 / 3, 'val.images': 3 };
    expect(records.filter((record) => 'val.top1' in record)).toMatchObject([
      { epoch: 0, ...validated },
      { epoch: 1, ...validated },
    ]);
    const page = readFileSync(join(workspace, 'report.html'), 'utf8');
    expect((await millrace(['report', workspace, '--raport-file', 'raport.json'])).code).toBe(0);
    expect(readFileSync(join(workspace, 'report.html'), 'utf8')).toBe(page);
  });

  it('evaluates as often as it is told, and at the end', async () => {
    const { workspace } = await mine('--epochs', '3', '--evaluate-every', '2');
    const records = [...readMetrics(join(workspace, 'metrics.jsonl'))];
    expect(records.filter((record) => 'val.top1' in record).map(({ epoch }) => epoch)).toEqual([1, 2]);
    const stopped = await mine('--epochs', '3', '--evaluate-every', '2', '--prof', '1');
    const [last] = [...readMetrics(join(stopped.workspace, 'metrics.jsonl'))].slice(-1);
    expect(last).toMatchObject({ epoch: 0, 'val.images': 3 });
  });

  it('without a trainer, without images and without val reports what there is', async () => {
    const { code, read, workspace } = await train('--trainer', 'none', '--data-backend', 'synthetic');
    expect(code).toBe(0);
    const page = read('report.html');
    expect(flawOf(page)).toBeUndefined();
    expect(page).toContain('<h3>Images per second</h3>');
    expect(page).not.toMatch(/<h3>Loss|Confusion on val|<img/);
    expect(existsSync(join(workspace, 'samples.png'))).toBe(false);
  });

  it.each(['../metrics.jsonl', 'report.html', '', '..'])(
    "refuses '%s' as name of the metrics",
    async (name) => {
      const { code, stderr } = await mine('--raport-file', name);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(
          'metricsFile (--raport-file) must be the name of a file in the workspace',
        ),
      });
    },
  );
});

describe('millrace report', () => {
  it('says what is missing', async () => {
    const { code, stderr } = await millrace(['report', folderOf()]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('metrics.jsonl') });
    const other = await millrace(['report', folderOf({ 'metrics.jsonl': 'buy milk\n' })]);
    expect(other.stderr).toContain('metrics.jsonl:1: expected metrics, one JSON object per line');
  });

  it('reports a run that was killed', async () => {
    const step = JSON.stringify({ step: 0, epoch: 0, 'train.loss': 2, 'train.total_ips': 5 });
    const workspace = folderOf({ 'metrics.jsonl': `${step}\n{"step":1,"tra` });
    expect((await millrace(['report', workspace])).code).toBe(0);
    expect(readFileSync(join(workspace, 'report.html'), 'utf8')).toContain('1 step · 0 epochs');
  });
});

describe('millrace evaluate', () => {
  it('takes the workspace of a run, and says how well each class is told from the others', async () => {
    const { workspace } = await mine();
    const data = folderOf(await photographs());
    const own = ['--trainer', join(workspace, 'trainer.mjs')];
    const { code, stdout } = await millrace(['evaluate', workspace, data, ...own]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'val: top-1 33.3 %, loss 0.333 (3 images)',
      '  class     images  precision     recall',
      '  <b>&"          1     33.3 %    100.0 %',
      '  dog            2          -      0.0 %',
      '',
    ]);
    const json = JSON.parse((await millrace(['evaluate', workspace, data, ...own, '--json'])).stdout);
    expect(json).not.toHaveProperty('top5');
    expect(json.classes).toEqual([
      { class: 0, name: '<b>&"', images: 1, precision: 1 / 3, recall: 1 },
      { class: 1, name: 'dog', images: 2, precision: null, recall: 0 },
    ]);
  });
});
