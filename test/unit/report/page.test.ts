import { describe, expect, it } from 'vitest';
import { type ReportContent, reportPage } from '../../../src/report/page.ts';
import { addRecord, RunRecord } from '../../../src/report/run-record.ts';
import type { Confusion } from '../../../src/workspace/confusion.ts';
import type { MetricsRecord } from '../../../src/workspace/metrics-reader.ts';
import { flawOf } from '../../support/well-formed.ts';

const started: MetricsRecord = {
  'run.started': '2026-01-02T03:04:05.000Z',
  'run.flags': { arch: 'efficientnet-b0', epochs: 2, lr: 0.1 },
  'run.environment': { node: 'v20.19.0', packages: { sharp: '0.35.5' } },
  'pipeline.digest': 'abc123',
};

const stepOf = (step: number, loss: number | null, epoch = Math.floor(step / 2)): MetricsRecord => ({
  step,
  epoch,
  'train.loss': loss,
  'train.lr': 0.1,
  'train.total_ips': 80,
  'train.compute_ips': 100,
  'train.data_time': 0.1,
  'train.compute_time': 0.4,
  'train.waiting_share': 0.2,
});
const epochOf = (epoch: number): MetricsRecord => ({ epoch, 'train.loss': 1, 'train.lr': 0.1 });
const validated = (epoch: number, top1: number): MetricsRecord => ({
  epoch,
  'val.top1': top1,
  'val.top5': 0.9,
  'val.loss': 0.5,
});

const whole = [
  started,
  ...[stepOf(0, 2), stepOf(1, 1.5), epochOf(0), validated(0, 0.8)],
  ...[stepOf(2, 1), stepOf(3, 0.5), epochOf(1), validated(1, 0.75)],
];

const runOf = (records: readonly MetricsRecord[]): RunRecord => records.reduce(addRecord, new RunRecord());

function pageOf(records: readonly MetricsRecord[], more: Partial<ReportContent> = {}): string {
  const page = reportPage({
    title: 'a run',
    run: runOf(records),
    metrics: 'runs/1/metrics.jsonl',
    confusion: undefined,
    samples: undefined,
    ...more,
  });
  expect(flawOf(page)).toBeUndefined();
  expect(page).not.toMatch(/https?:|src="(?!data:)|href=|url\(|@import/);
  return page;
}

const titlesOf = (page: string): string[] =>
  [...page.matchAll(/<h3>([^<]*)/g)].map(([, title]) => title ?? '');

describe('the report', () => {
  it('shows curves, figures, settings, digests and environment', () => {
    const cell = (png: string) => ({ png, lines: ['crop 120 × 98'] });
    const samples = [{ title: 'cat', original: cell('AAAA'), epochs: [cell('BBBB'), cell('CCCC')] }];
    const page = pageOf(whole, { samples });
    expect(titlesOf(page)).toEqual([
      'Loss',
      'Accuracy on val',
      'Learning rate',
      'Images per second',
      'Share of time waiting for data',
    ]);
    expect(page).toContain('Started 2026-01-02 03:04 UTC · 4 steps · 2 of 2 epochs · 2 s of training');
    expect(page).toContain('<dt>val top-1</dt><dd>75 %</dd>');
    expect(page).toContain('<dt>best val top-1</dt><dd>80 %</dd>');
    expect(page).toContain('<dt>images per second</dt><dd>80</dd>');
    expect(page).toContain('<dt>waiting for data</dt><dd>20 %</dd>');
    expect(page).toContain('<dt>lr</dt><dd>0.1</dd>');
    expect(page).toContain('<dt>pipeline.digest</dt><dd>abc123</dd>');
    expect(page).toContain('<dt>packages</dt><dd>sharp 0.35.5</dd>');
    const pictures = [...page.matchAll(/<img src="data:image\/png;base64,(\w+)" alt="([^"]*)"/g)];
    expect(pictures.map(([, ...parts]) => parts)).toEqual([
      ['AAAA', 'cat, original'],
      ['BBBB', 'cat, epoch 0'],
      ['CCCC', 'cat, epoch 1'],
    ]);
    expect(page).toContain('<strong>epoch 1</strong><span>crop 120 × 98</span>');
  });

  it('draws the loss of each step, of each epoch and on val at their steps', () => {
    const page = pageOf(whole);
    expect(page).toContain('data-name="train, each step" data-points="0,2 1,1.5 2,1 3,0.5"');
    expect(page).toContain('data-name="train, mean of the epoch" data-points="2,1 4,1"');
    expect(page).toContain('data-name="top-1" data-points="2,80 4,75"');
  });

  it('shows the loss scale of mixed precision, how many updates were skipped, and what computed', () => {
    const scaled = (record: MetricsRecord, scale: number, skipped: number) => ({
      ...record,
      ...{ 'train.grad_scale': scale, 'train.skipped_updates': skipped },
    });
    const page = pageOf([
      { ...started, 'run.precision': 'mixed', 'run.trainer': { name: 'graph', tier: 'packed' } },
      ...[scaled(stepOf(0, 2), 128, 0), scaled(stepOf(1, null), 64, 1), scaled(epochOf(0), 64, 1)],
    ]);
    expect(titlesOf(page)).toContain('Loss scale');
    expect(page).toContain('data-points="0,128 1,64"');
    expect(page).toContain('<dt>loss scale</dt><dd>64</dd>');
    expect(page).toContain('<dt>skipped updates</dt><dd>1</dd>');
    expect(page).toContain('>train.skipped_updates</th>');
    expect(page).toContain('<dt>precision</dt><dd>mixed</dd>');
    expect(page).toContain('<dt>trainer</dt><dd>name graph, tier packed</dd>');
    expect(pageOf(whole)).not.toMatch(/loss scale|skipped updates/i);
  });

  it('shows how a model is quantised', () => {
    const quantization = { placement: 'tensorrt', method: 'mse', batches: 11, points: 52 };
    const page = pageOf([{ ...started, 'run.quantization': quantization }, ...whole.slice(1)]);
    expect(page).toContain(
      '<dt>quantization</dt><dd>placement tensorrt, method mse, batches 11, points 52</dd>',
    );
    expect(pageOf(whole)).not.toContain('<dt>quantization</dt>');
  });

  it('shows top-5 of more than five classes only, and where it is not known how many there are', () => {
    const [first, ...others] = whole;
    const pageWith = (classes: number) => pageOf([{ ...first, 'run.classes': classes }, ...others]);
    for (const page of [pageOf(whole), pageWith(6)]) {
      expect(page).toContain('data-name="top-5"');
      expect(page).toContain('<dt>val top-5</dt><dd>90 %</dd>');
      expect(page).toContain('val.top5');
    }
    expect(pageWith(5)).not.toMatch(/top-?5/);
    expect(pageWith(5)).toContain('<dt>val top-1</dt><dd>75 %</dd>');
  });

  it('does without what is missing: steps, epochs, a val split, settings, a loss', () => {
    expect(pageOf([])).toContain('No steps yet.');
    expect(pageOf([started])).toContain('No steps yet.');
    const unvalidated = pageOf([stepOf(0, 2), stepOf(1, 1), epochOf(0)]);
    expect(titlesOf(unvalidated)).not.toContain('Accuracy on val');
    expect(unvalidated).not.toContain('val top-1');
    const withoutLoss = pageOf([stepOf(0, 0), stepOf(1, 0), { epoch: 0, 'train.loss': 0 }]);
    expect(titlesOf(withoutLoss)).not.toContain('Loss');
    // metrics of older versions
    expect(titlesOf(pageOf([{ step: 0, epoch: 0, 'train.loss': 2, 'train.total_ips': 9 }]))).toEqual([
      'Loss',
      'Images per second',
    ]);
  });

  it('says where the loss was lost, and what was replaced', () => {
    const page = pageOf([
      stepOf(0, 2),
      stepOf(1, null),
      stepOf(2, null),
      { substituted: { key: 'cat/<1>.jpg' } },
    ]);
    expect(page).toContain('The loss was no finite number at 2 steps, first at step 1.');
    expect(page).toContain('replaced by others: 1 (cat/&lt;1&gt;.jpg)');
    expect(page).not.toMatch(/ d="[^"]*NaN/);
  });

  it('lists the latest outliers with the commands that replay them, and forgets those of steps made again', () => {
    const outlierOf = (step: number, more: object = {}) => ({
      ...{ loss: 9.25, step, epoch: 1, batch: step % 2, row: 5, id: 3, key: `cat/${step}.jpg`, label: 0 },
      ...{ class: 'cat', ...more },
    });
    const listed = (epoch: number, ...outliers: object[]) => ({ epoch, 'outliers.images': 8, outliers });
    const mixed = { loss: null, mixed: { label: 1, lambda: 0.75, class: 'dog' }, substitutes: 'cat/bad.jpg' };
    const records = [...whole, listed(0, outlierOf(0)), listed(1, outlierOf(2, mixed), outlierOf(3))];
    const page = pageOf(records);
    expect(page).toContain('<h2>Highest losses of epoch 1</h2>');
    const rows = [...page.matchAll(/<tr><td class="number">(.*?)<\/td><\/tr>/g)].map(([, row = '']) =>
      row.split('</td><td>').map((cell) => cell.replace(/<[^>]*>/g, '')),
    );
    const command = 'millrace replay --from runs/1/metrics.jsonl --step';
    expect(rows).toEqual([
      ['not finite', 'cat/2.jpg (in place of cat/bad.jpg)', '0.75 cat + 0.25 dog', `${command} 2 --row 5`],
      ['9.2500', 'cat/3.jpg', 'cat', `${command} 3 --row 5`],
    ]);
    // an epoch's outliers are none of its metrics
    expect(page).toContain('2 of 2 epochs');
    expect(pageOf([...records, stepOf(3, 8)])).not.toContain('Highest losses');
    expect(pageOf([...records, started, stepOf(0, 7)])).not.toContain('Highest losses');
  });

  it('of a run of any length is small', () => {
    const records = Array.from({ length: 5000 }, (_, epoch) => [
      stepOf(2 * epoch, Math.random(), epoch),
      stepOf(2 * epoch + 1, Math.random(), epoch),
      epochOf(epoch),
      validated(epoch, 0.5),
    ]).flat();
    const page = pageOf(records);
    expect(page.length).toBeLessThan(200_000);
    expect(page).toContain('10000 steps · 5000 epochs');
    expect(page).toContain('<td>4999</td>');
  });

  it('leaves out a speed without waiting that lies far above', () => {
    const waiting = { ...stepOf(0, 1), 'train.compute_ips': 1e6, 'train.compute_time': 1e-6 };
    expect(pageOf([waiting])).not.toContain('data-name="without waiting for data"');
    expect(pageOf([stepOf(0, 1)])).toContain('data-name="without waiting for data"');
  });

  it('begins anew with a new run in the same file, and goes on with a resumed one', () => {
    const first = [...whole, { substituted: { key: 'cat' } }, { 'x.digest': 'of the first' }];
    const second = pageOf([...first, started, stepOf(0, 7)]);
    expect(second).toContain('1 step · 0 of 2 epochs · 1 s');
    expect(second).not.toMatch(/of the first|replaced/);
    expect(second).not.toContain('val top-1');
    // it was killed after step 3 and went on from its checkpoint at step 2
    const resumed = pageOf([...whole, stepOf(2, 9), stepOf(3, 8), epochOf(1)]);
    expect(resumed).toContain('data-name="train, each step" data-points="0,2 1,1.5 2,9 3,8"');
    expect(resumed).toContain('<dt>val top-1</dt><dd>80 %</dd>');
  });
});

describe('text from data', () => {
  const nasty = `<b>&"'\u0000</b><script>alert(1)</script>`;
  const safe = '&lt;b&gt;&amp;&quot;&#39;\ufffd&lt;/b&gt;&lt;script&gt;alert(1)&lt;/script&gt;';

  it.each([
    ['the title', [], { title: nasty }],
    ['a flag', [{ ...started, 'run.flags': { arch: nasty } }], {}],
    ["a flag's name", [{ ...started, 'run.flags': { [nasty]: 1 } }], {}],
    ['the workspace', [{ 'run.workspace': nasty }], {}],
    ['a digest', [{ 'x.digest': nasty }], {}],
    ["a sample's key", [{ substituted: { key: nasty } }], {}],
    ["an outlier's class", [{ epoch: 0, outliers: [{ loss: 1, key: 'a', class: nasty }] }], {}],
    [
      'a class',
      [],
      {
        confusion: {
          epoch: 0,
          classes: ['a', nasty],
          cells: [{ label: 0, prediction: 1, images: 1 }],
        },
      },
    ],
  ])('is escaped: %s', (_, records, more) => {
    const page = pageOf(records, more);
    expect(page).toContain(safe);
    expect(page).not.toContain(nasty.slice(0, 4));
  });
});

describe('the confusion', () => {
  const cells = [
    { label: 0, prediction: 0, images: 3 },
    { label: 0, prediction: 1, images: 1 },
    { label: 1, prediction: -1, images: 2 },
  ];
  const table = (confusion: Confusion): string =>
    pageOf([], { confusion }).match(/<table class="(?:confusion|pairs)">.*?<\/table>/)?.[0] ?? '';

  it('of a few classes is a table of all against all', () => {
    const html = table({ epoch: 3, classes: ['cat', 'dog', 'cow'], cells });
    const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '')),
    );
    expect(rows).toEqual([
      ['', 'cat', 'dog', 'cow', 'no guess', 'images'],
      ['cat', '3', '1', '·', '·', '4'],
      ['dog', '·', '·', '·', '2', '2'],
      ['cow', '·', '·', '·', '·', '0'],
    ]);
    expect(html).toContain('<td class="right strong" style="--share: 75%" title="75 %">3</td>');
  });

  it('has images, precision and recall of each class beside it, of many classes the worst', () => {
    const rowsOf = (page: string) =>
      [
        ...(page.match(/<table class="classes">.*?<\/table>/)?.[0] ?? '').matchAll(
          /<th scope="row">(.*?)<\/tr>/g,
        ),
      ].map(([, row = '']) => row.split(/<[^>]*>/).filter((cell) => cell !== ''));
    const few = { epoch: 3, classes: ['cat', 'dog', 'cow'], cells };
    expect(rowsOf(pageOf([], { confusion: few }))).toEqual([
      ['cat', '4', '100 %', '75 %'],
      ['dog', '2', '0 %', '0 %'],
      ['cow', '0', '–', '–'],
    ]);
    const classes = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const wrong = [{ label: 7, prediction: 8, images: 1 }];
    const right = classes.map((_, label) => ({ label, prediction: label, images: 1 }));
    const many = rowsOf(pageOf([], { confusion: { epoch: 3, classes, cells: [...wrong, ...right] } }));
    expect(many).toHaveLength(20);
    expect(many[0]).toEqual(['class 7', '2', '100 %', '50 %']);
    expect(many[1]).toEqual(['class 8', '1', '50 %', '100 %']);
  });

  it('of many classes is the list of the pairs confused most often', () => {
    const classes = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const many = classes.flatMap((_, label) => [
      { label, prediction: label, images: 50 },
      { label, prediction: (label + 1) % 1000, images: label },
    ]);
    const html = table({ epoch: undefined, classes, cells: many });
    expect(html.match(/<tr>/g)).toHaveLength(21);
    expect(html).toContain(
      '<td>class 999</td><td>class 0</td><td class="number">999 of 1049</td><td class="number">95.2 %</td>',
    );
  });
});
