import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageFolder } from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { idxFiles } from '../support/idx.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';
import { importTo } from '../support/stores.ts';
import { tarOf, tarSample } from '../support/tar.ts';
import { flawOf } from '../support/well-formed.ts';

/** Writes down what it is given: digests of the rows' bytes, by step. */
const witness = `
  import { createHash } from 'node:crypto';
  import { appendFileSync } from 'node:fs';
  const nothing = async () => {};
  export const trainer = {
    name: 'witness', givesLosses: true, prepare: nothing, load: nothing, close: nothing,
    state: async () => ({ weights: { w: { shape: [1], data: new Float32Array(1) } }, optimizer: {} }),
    evaluateStep: nothing,
    async trainStep(batch, { step, firstRow = 0 }) {
      const { buffer, byteOffset, byteLength } = await batch.read();
      const size = byteLength / batch.labels.length;
      const rows = batch.keys.map((_, row) =>
        createHash('sha256').update(new Uint8Array(buffer, byteOffset + row * size, size)).digest('hex'));
      appendFileSync(new URL('seen.jsonl', import.meta.url), JSON.stringify({ step, keys: batch.keys, rows }) + '\\n');
      return { loss: 1 / (step + 1), losses: Float32Array.from(rows, (_, row) => firstRow + row + 10 * step) };
    },
    async contribution(part, options) {
      const { losses } = await this.trainStep(part, options);
      return { vector: new Float32Array(1), losses };
    },
    applySum: async (_, { step }) => ({ loss: 1 / (step + 1) }),
  };`;

const stream = ['--image-size', '16', '--batch-size', '4', '--augmentation', 'autoaugment', '--mixup', '0.2'];
const seeded = [...stream, '--seed', '5'];

const photographs = async (hostile = 'dog'): Promise<Record<string, Buffer>> => {
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 5; i++) {
    files[`cat/${i}.jpg`] = await photo(i, 48, 36);
    files[`${hostile}/${i}.jpg`] = await photo(5 + i, 36, 48);
  }
  return files;
};

/** Runs the command; its JSON, and the page, which is well-formed and asks for nothing. */
async function replay(...args: readonly string[]) {
  const out = join(folderOf(), 'sample.html');
  const { code, stdout, stderr, isAlone } = await millrace([
    'replay',
    ...args,
    '--out',
    out,
    '--json',
    '--workers',
    '1',
  ]);
  expect({ code, stderr, isAlone }).toMatchObject({ code: 0, isAlone: true });
  const page = readFileSync(out, 'utf8');
  expect(flawOf(page)).toBeUndefined();
  expect(page).not.toMatch(/https?:|src="(?!data:)|href=|<script/);
  return { data: JSON.parse(stdout), page, stderr };
}
const refused = async (...args: readonly string[]) => {
  const out = join(folderOf(), 'sample.html');
  const { code, stdout, stderr } = await millrace(['replay', ...args, '--out', out]);
  expect(existsSync(out)).toBe(false);
  return { code, stdout, stderr };
};

describe('millrace replay <data>', () => {
  it('shows one row of a folder, and the same row of its store and of its shards', async () => {
    const files = await photographs();
    const folder = folderOf(files);
    const store = join(folderOf(), 'photos.lmdb');
    await importTo(imageFolder(folder), store);
    const samples = Object.entries(files).sort();
    const tar = tarOf(
      samples.flatMap(([key, image]) => tarSample(key.slice(0, -4), key.startsWith('cat') ? 0 : 1, image)),
    );
    const shards = join(folderOf({ '0.tar': tar }), '0.tar');
    const place = [...seeded, '--epoch', '3', '--batch', '1', '--row', '2'];
    const [of, ofStore, ofShards] = await Promise.all([
      replay(folder, ...place),
      replay(store, ...place),
      replay(shards, ...place),
    ]);
    const { data, page } = of;
    expect(data).toMatchObject({ seed: 5, epoch: 3, batch: 1, row: 2, rows: 4 });
    expect(data.mixing.partner).toMatchObject({ row: 3 });
    expect(page).toContain(`<h1>${data.key}</h1>`);
    expect(page).toContain(data.digests.row);
    expect([ofStore.data.digests, ofShards.data.digests]).toEqual([data.digests, data.digests]);
    expect(ofStore.data.stages).toEqual(data.stages);
  });

  it('can be repeated by the command that the page gives, whatever the folder is called', async () => {
    const root = folderOf(
      Object.fromEntries(
        Object.entries(await photographs('it\'s <b>&"')).map(([key, image]) => [
          `my 'data' $(x)/${key}`,
          image,
        ]),
      ),
    );
    const data = join(root, "my 'data' $(x)");
    const first = await replay(
      data,
      ...seeded,
      '--crop-scale',
      '0.5,1',
      '--interpolation',
      'bicubic',
      '--label-smoothing',
      '0.3',
      '--row',
      '1',
    );
    expect(first.page).toContain('takes 0.3 of it');
    const [command] = first.data.commands as [string];
    const again = await replay(...wordsOf(command).slice(2));
    expect(again.data).toEqual(first.data);
    expect(again.page).toBe(first.page);
  });

  it('enlarges and shows images of an IDX file', async () => {
    const { data, page } = await replay(
      folderOf(idxFiles('train', 12)),
      '--batch-size',
      '6',
      '--image-size',
      '8',
      '--row',
      '1',
    );
    expect(data.original).toMatchObject({ width: 3, height: 2 });
    expect(page).toContain('class="pixels"');
    expect(data.tensor).toMatchObject({ width: 8, height: 8, dtype: 'float16' });
    expect(data.mixing).toBeUndefined();
  });

  it('draws the stages as one picture with --png', async () => {
    const png = join(folderOf(), 'new', 'sample.png');
    await replay(folderOf(await photographs()), ...seeded, '--row', '0', '--png', png);
    const { width = 0, height = 0, format } = await sharp(png).metadata();
    expect(format).toBe('png');
    expect(Math.min(width, height)).toBeGreaterThan(200);
    const wrong = await refused(folderOf(await photographs()), ...seeded, '--png', 'sample.jpg');
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('png (--png) must be a .png file'),
    });
  });

  it('shows all rows of a batch where none is named, each as it is alone', async () => {
    const data = folderOf(await photographs());
    const out = join(folderOf(), 'new', 'batch.html');
    const png = join(folderOf(), 'batch.png');
    const flags = [...seeded, '--batch', '1', '--json'];
    const sheet = await millrace(['replay', data, ...flags, '--out', out, '--png', png]);
    expect(sheet).toMatchObject({ code: 0, stderr: `epoch 0, batch 1: 4 rows -> ${out}\n` });
    const rows = sheet.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [, , third] = rows;
    expect(rows.map(({ row }) => row)).toEqual([0, 1, 2, 3]);
    expect((await replay(data, ...flags, '--row', '2')).data.digests).toEqual(third.digests);
    const page = readFileSync(out, 'utf8');
    expect(flawOf(page)).toBeUndefined();
    for (const { key } of rows) expect(page).toContain(`<dd>${key}</dd>`);
    expect((await sharp(png).metadata()).format).toBe('png');
  });

  it('takes a command line of train: presets, and flags that change no batch', async () => {
    const flags = [
      '--preset',
      'efficientnet-b0',
      '--batch-size',
      '4',
      '--image-size',
      '16',
      '--lr',
      '0.1',
      '--workspace',
      'elsewhere',
      '--epochs',
      '9',
    ];
    const { data } = await replay(folderOf(await photographs()), ...flags, '--row', '0');
    expect(data.commands[0]).toContain('--interpolation bicubic --augmentation autoaugment --mixup 0.2');
    expect(data.stages[0].values).toMatchObject({ size: 16, interpolation: 'bicubic' });
  });

  it('shows the stand-in of a bad image, and says which image it stands in for', async () => {
    const data = folderOf(await photographs());
    const place = [...seeded, '--batch', '1', '--row', '2'];
    const { data: whole } = await replay(data, ...place);
    writeFileSync(join(data, whole.key), 'no image');
    const { data: replaced, page } = await replay(
      data,
      ...place,
      '--on-error',
      'substitute',
      '--max-bad',
      '0',
    );
    expect(replaced.key).not.toBe(whole.key);
    expect(replaced.substitutions[0]).toMatchObject({ row: 2, key: whole.key, code: 'NOT_AN_IMAGE' });
    expect(page).toContain(`${whole.key} was to stand in this row, and could not be used`);
    const stopped = await refused(data, ...place);
    expect(stopped).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`error: ${whole.key}: `),
    });
  });

  it.each([
    ['a row beyond the batch', ['--row', '4'], 'row must be 0..3'],
    ['a batch beyond the epoch', ['--batch', '2'], 'batch must be 0..1'],
    ['a step without a run', ['--step', '2'], 'step (--step) needs from (--from)'],
    ['a backend that reads nothing', ['--data-backend', 'synthetic'], "'synthetic' reads no images"],
  ])('refuses %s', async (_, flags, message) => {
    const finished = await refused(folderOf(await photographs()), ...seeded, ...flags);
    expect(finished).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('asks for data where there is neither data nor a run', async () => {
    expect(await refused()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("missing required argument 'data'"),
    });
  });
});

/** As a POSIX shell splits a line of plain and single-quoted words. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|\\'/g, (_, inner) => inner ?? "'"),
  );

interface Seen {
  readonly step: number;
  readonly keys: readonly string[];
  readonly rows: readonly string[];
}

/** Six steps, two an epoch: by one run, or by one of an epoch and another that goes on. */
async function trainInRuns(runs: 1 | 2, data: string, ...flagsOfRun: readonly string[]) {
  const workspace = folderOf({ 'witness.mjs': witness });
  const flags = [
    ...seeded,
    '--workers',
    '1',
    '--trainer',
    join(workspace, 'witness.mjs'),
    '--epochs',
    '3',
    ...flagsOfRun,
  ];
  const train = (...more: string[]) =>
    millrace(['train', data, ...flags, '--workspace', workspace, '--quiet', ...more]);
  const all =
    runs === 1
      ? [[]]
      : [
          ['--run-epochs', '1'],
          ['--resume', workspace],
        ];
  for (const more of all) expect(await train(...more)).toMatchObject({ code: 0, stderr: '' });
  const lines = readFileSync(join(workspace, 'seen.jsonl'), 'utf8').trim().split('\n');
  return { workspace, seen: lines.map((line): Seen => JSON.parse(line)) };
}

describe('millrace replay --from', () => {
  it('shows what the trainer was given at a step: from metrics, a workspace and a checkpoint', async () => {
    const { workspace, seen } = await trainInRuns(2, folderOf(await photographs()));
    expect(seen.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    const checkpoint = join(workspace, 'checkpoint.safetensors');
    const places: [from: string, step: number | undefined, row: number][] = [
      [join(workspace, 'metrics.jsonl'), 0, 3],
      [join(workspace, 'metrics.jsonl'), 3, 1],
      [workspace, undefined, 2],
      [checkpoint, undefined, 0],
      [checkpoint, 1, 2],
    ];
    for (const [from, step, row] of places) {
      const flags = step === undefined ? [] : ['--step', String(step)];
      const { data, page } = await replay('--from', from, ...flags, '--row', String(row));
      const its = seen[step ?? 5] as Seen;
      expect(data).toMatchObject({ epoch: its.step >> 1, batch: its.step & 1, row, warnings: [] });
      expect([data.key, data.tensor.bytes]).toEqual([its.keys[row], its.rows[row]]);
      expect(data.facts['step']).toBe(String(its.step));
      if (from !== checkpoint) expect(page).toContain('<dt>batch loss</dt>');
    }
  });

  it('shows a step of several parts as one batch of all their rows, by the command on the page too', async () => {
    const data = folderOf(await photographs());
    const { workspace, seen } = await trainInRuns(1, data, '--batch-size', '2', '--parts', '2');
    expect(seen.map(({ step }) => step)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    const [first, second] = seen.filter(({ step }) => step === 3) as [Seen, Seen];
    const rows = [...first.rows, ...second.rows];
    const { data: shown } = await replay('--from', workspace, '--step', '3', '--row', '3');
    expect([shown.epoch, shown.batch, shown.tensor.bytes]).toEqual([1, 1, rows[3]]);
    const line = shown.commands.at(-1) as string;
    expect(line).toContain(' --batch-size 2 ');
    expect(line).toContain(' --parts 2 ');
    const { data: again } = await replay(...wordsOf(line).slice(2));
    expect(again.tensor.bytes).toBe(rows[3]);
    // the same rows as of one part that has them all
    const { seen: whole } = await trainInRuns(1, data);
    expect(whole[3]?.rows).toEqual(rows);
  });

  it('shows what the trainer was given of data without bad samples, and in place of them', async () => {
    const data = folderOf({ ...(await photographs()), 'cat/3.jpg': Buffer.from('no image') });
    const substitute = ['--on-error', 'substitute', '--max-bad', '9'];
    const { workspace: first, seen: withStandIns } = await trainInRuns(1, data, ...substitute);
    const list = join(first, 'quarantine.jsonl');
    const listed = readFileSync(list, 'utf8');
    const { workspace: second, seen } = await trainInRuns(1, data, '--exclude', relative('.', list));
    const places: [from: string, seen: readonly Seen[]][] = [
      [first, withStandIns],
      [second, seen],
      [join(second, 'checkpoint.safetensors'), seen],
    ];
    for (const [from, { [3]: its }] of places) {
      const { data: shown } = await replay('--from', from, '--step', '3', '--row', '2');
      expect([shown.key, shown.tensor.bytes]).toEqual([its?.keys[2], its?.rows[2]]);
    }
    const { epoch, batch } = JSON.parse(listed);
    const stopped = await refused('--from', first, '--step', String(epoch * 2 + batch), '--on-error', 'stop');
    expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('error: cat/3.jpg: ') });
    expect(readFileSync(list, 'utf8')).toBe(listed);
  });

  it('is what training prints beside its outliers, and shows them', async () => {
    const data = folderOf(await photographs());
    const workspace = join(folderOf({ 'witness.mjs': witness }), "it's a run");
    const flags = [...seeded, '--trainer', join(workspace, '..', 'witness.mjs'), '--epochs', '2'];
    const more = ['--log-outliers', '2', '--workers', '1'];
    const { stderr } = await millrace(['train', data, ...flags, ...more, '--workspace', workspace]);
    const commands = stderr.match(/millrace replay .*/g) ?? [];
    expect(commands).toHaveLength(4);
    const [, lastOfFirst] = commands as [string, string];
    const { data: shown } = await replay(...wordsOf(lastOfFirst).slice(2));
    expect(shown).toMatchObject({ epoch: 0, batch: 1, row: 2, facts: { step: '1' } });
    expect(stderr).toMatch(new RegExp(`12\\.0000 +${shown.key} .*--step 1 --row 2\n`));
  });

  it('refuses steps that the run did not make, and data and flags that it did not have', async () => {
    const data = folderOf(await photographs());
    const { workspace } = await trainInRuns(1, data);
    const beyond = await refused('--from', workspace, '--step', '6');
    expect(beyond).toMatchObject({ code: 2, stderr: expect.stringContaining('its steps are 0 to 5, got 6') });

    const flags = await refused('--from', workspace, '--step', '1', '--mixup', '0.3');
    expect(flags).toMatchObject({ code: 2, stderr: expect.stringContaining("the pipeline's digest was") });
    expect(flags.stderr).toContain('[OTHER_STREAM]');

    const moved = join(folderOf(), 'moved');
    cpSync(data, moved, { recursive: true });
    const place = ['--from', workspace, '--step', '2', '--row', '1'];
    const [there, here] = [await replay(moved, ...place), await replay(...place)];
    expect(there.data.digests).toEqual(here.data.digests);

    renameSync(data, `${data}-away`);
    expect(await refused(...place)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `${data}: the data of the run are not there; if they have moved: millrace replay <data> --from `,
      ),
    });
    renameSync(`${data}-away`, data);

    rmSync(join(data, 'cat', '0.jpg'));
    expect(await refused(...place)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/the dataset was imageFolder\(.* of 10 images .* of 9 images/),
    });
    const forced = await replay(...place, '--force');
    expect(forced.page).toContain('this is not the stream that the run saw');
    expect(forced.data.warnings).toHaveLength(1);
  });

  it('shows a run that kept no weights, and says what it cannot know of its data', async () => {
    const data = folderOf(await photographs());
    const workspace = folderOf();
    const flags = [...seeded, '--workers', '1', '--trainer', 'none', '--epochs', '2', '--quiet'];
    expect(await millrace(['train', data, ...flags, '--workspace', workspace])).toMatchObject({ code: 0 });
    const [of, byPlace] = [
      await replay('--from', join(workspace, 'metrics.jsonl'), '--step', '2', '--row', '3'),
      await replay(data, ...seeded, '--epoch', '1', '--batch', '0', '--row', '3'),
    ];
    expect(of.page).toContain('was judged by its length');
    expect(of.data.digests).toEqual(byPlace.data.digests);
    expect(of.data.commands).toEqual([
      expect.stringMatching(/^millrace replay --from .* --step 2 --row 3$/),
      ...byPlace.data.commands,
    ]);
  });

  it('says what is no run', async () => {
    const at = async (from: string) => (await refused('--from', from)).stderr;
    expect(await at(join(folderOf(), 'none'))).toContain('no such file or folder');
    expect(await at(folderOf())).toContain('there is no metrics.jsonl in it');
    const old = JSON.stringify({ 'run.started': 'then', 'run.flags': {} });
    expect(await at(folderOf({ 'metrics.jsonl': `${old}\n` }))).toContain('[NOT_REPLAYABLE]');
    expect(await at(folderOf({ 'metrics.jsonl': '' }))).toContain('[NOT_REPLAYABLE]');
  });
});
