import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Drawn } from '../../../src/core/batch.ts';
import type { Box } from '../../../src/core/image.ts';
import {
  autoAugment,
  cutmix,
  erase,
  images,
  mix,
  mixup,
  normalize,
  randomHorizontalFlip,
  randomResizedCrop,
} from '../../../src/index.ts';
import { replayPage } from '../../../src/replay/page.ts';
import type { ReplayContext } from '../../../src/replay/page-parts.ts';
import type { Replay } from '../../../src/replay/replay-batch.ts';

import { spaced } from '../../../src/replay/words.ts';
import { patternImage } from '../../support/raw-images.ts';
import { replaysOf } from '../../support/replays.ts';
import { flawOf } from '../../support/well-formed.ts';

const hostile = '<script>alert("1")</script>/\'&\u0001.jpg';
const dataset = {
  ...images([0, 1, 2].map((i) => ({ image: patternImage(i, 40, 30), label: i, key: `${hostile}${i}` }))),
  classes: ['<b>', 'cat & dog', '"'],
};
const context: ReplayContext = {
  dataset,
  facts: [['step', '<i>12</i>']],
  warnings: ['<u>other data</u>'],
  commands: [`millrace replay '${hostile}'`],
  labelSmoothing: 0.1,
};
const steps = [randomResizedCrop(16), randomHorizontalFlip(), autoAugment()];
const replays = (epoch: number, more = [mixup(0.2)]) =>
  replaysOf({
    ...{ dataset, steps: [...steps, ...more], epoch, batch: 0 },
    options: { batchSize: 3, seed: 5, workers: 0 },
  });
const pageOf = (replay: Replay): string => {
  const page = replayPage(replay, context, () => 'data:image/png;base64,');
  expect(flawOf(page)).toBeUndefined();
  expect(page).not.toMatch(/https?:|src="(?!data:)|href=|url\(|@import|<script/);
  return page;
};
const titlesOf = (page: string) =>
  [...page.matchAll(/<h3>(?:<span[^>]*>\d+<\/span>)?([^<]*)/g)].map(([, t]) => t);

let rows: Replay[];
beforeAll(async () => {
  rows = await replays(0);
});

describe('the page of a replay', () => {
  it('is well-formed, asks for nothing, and shows hostile names as text', () => {
    for (const row of rows) {
      const page = pageOf(row);
      expect(page).toContain('<h1>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;/&#39;&amp;\ufffd.jpg');
      expect(page).toContain('&lt;i&gt;12&lt;/i&gt;');
      expect(page).toContain('&lt;u&gt;other data&lt;/u&gt;');
    }
  });

  it('shows the original with the crop drawn in, then every operator in order, then MixUp and the tensor', () => {
    const [row] = rows as [Replay];
    const page = pageOf(row);
    const operations = row.sample.stages.slice(2).map(({ operator }) => `auto augment · ${spaced(operator)}`);
    expect(titlesOf(page)).toEqual([
      ...['original', 'random resized crop', 'random horizontal flip'],
      ...(operations.length > 0 ? operations : ['auto augment']),
      ...[`${row.mixing?.lambda.toFixed(4)} × this row`, expect.stringContaining('its partner')],
      ...['the blend', 'the tensor, as a picture', 'red', 'green', 'blue'],
    ]);
    const [crop] = row.sample.drawn as [Drawn];
    const { left, top, width, height } = crop.values as Box;
    expect(page).toContain(`d="M${left} ${top}h${width}v${height}h-${width}Z"`);
    expect(page).toContain(`<dd>${width} × ${height} at ${left}, ${top}</dd>`);
    expect(page).toContain(row.digests.row);
  });

  it('enlarges small images by a whole factor, every pixel a square', () => {
    expect(pageOf(rows[0] as Replay)).toContain('width="224" height="224" class="pixels"');
  });

  it('gives a large original more room than the stages, and a small one no more', async () => {
    const layoutOf = async (width: number, height: number) => {
      const source = images([{ image: patternImage(0, width, height), label: 0 }]);
      const [row] = await replaysOf({
        ...{ dataset: { ...source, classes: ['cat'] }, steps, epoch: 0, batch: 0 },
        options: { batchSize: 1, seed: 5, workers: 0 },
      });
      return pageOf(row as Replay).match(/<div class="(way.*?)">/)?.[1];
    };
    expect([await layoutOf(40, 30), await layoutOf(224, 224)]).toEqual(['way', 'way']);
    expect([await layoutOf(225, 20), await layoutOf(20, 400)]).toEqual(['way large', 'way large']);
  });

  it('says of a last row without a partner that it is not mixed', () => {
    const page = pageOf(rows[2] as Replay);
    expect(page).toContain('This row is not mixed: it is the last of an odd number, and has no partner.');
    expect(page).not.toContain('the blend');
  });

  const erasing = [
    erase({ probability: 1, fill: [0, 0.5, 1] }),
    mix({ cutmix: 1, mode: 'row', prob: 0.5 }),
    erase({ probability: 0.5, value: 'noise' }),
  ];
  const erasedReplays = (seed: number, batchSize = 2) =>
    replaysOf({
      ...{ dataset, steps: [randomResizedCrop(16), normalize(), ...erasing], epoch: 0, batch: 0 },
      options: { batchSize, seed, workers: 0 },
    });

  it('shows what is erased before the mix and after it, each as a stage of its own', async () => {
    const all = (await Promise.all([0, 1, 2, 3, 4].map((seed) => erasedReplays(seed)))).flat();
    const mixed = all.find(({ mixing, sample }) => mixing?.partner && sample.eraseAfter?.length) as Replay;
    const page = pageOf(mixed);
    expect(titlesOf(page).slice(0, 7)).toEqual([
      ...['original', 'random resized crop', 'erase'],
      ...[`${mixed.mixing?.lambda.toFixed(4)} × this row`, expect.stringContaining('its partner')],
      ...['both, by their areas', 'erase'],
    ]);
    const { box } = mixed.mixing as { box: Box };
    const { left, top, width, height } = box;
    expect(page).toContain(`d="M${left} ${top}h${width}v${height}h-${width}Z"`);
    expect(page).toContain(`<dt>box</dt><dd>${width} × ${height} at ${left}, ${top}</dd>`);
    expect(page).toMatch(/<dt>box<\/dt><dd>\d+ × \d+ at \d+, \d+, filled with 0, 0.5, 1<\/dd>/);
    expect(page).toMatch(/<dt>box<\/dt><dd>\d+ × \d+ at \d+, \d+, filled with noise<\/dd>/);
    const spared = all.find(({ sample }) => sample.eraseAfter?.length === 0) as Replay;
    expect(pageOf(spared)).toContain('<dt>boxes</dt><dd>none</dd>');
  });

  it('says why a row is not mixed, and weighs the labels of one that is by its own share', async () => {
    const all = (await Promise.all([0, 1, 2, 3, 4].map((seed) => erasedReplays(seed)))).flat();
    const alone = all.find(({ mixing }) => mixing?.partner === undefined) as Replay;
    expect(pageOf(alone)).toContain('This row is not mixed: it was drawn so.');
    expect(pageOf(alone)).toContain('100.00 %');
    const { mixing, ...mixed } = all.find((one) => one.mixing?.partner) as Replay;
    const { lambda } = mixing as { lambda: number };
    for (const share of [lambda, 1 - lambda])
      expect(pageOf({ mixing, ...mixed })).toContain(`<span>${(100 * share).toFixed(2)} %</span>`);
    const views = await replaysOf({
      ...{ dataset, steps: [randomResizedCrop(16), cutmix()], epoch: 0, batch: 1 },
      options: { batchSize: 4, views: 2, workers: 0 },
    });
    expect(views.map(({ mixing, sample }) => [mixing?.reasonAlone, sample.occurrence])).toEqual([
      ['row 1, its partner, is of the same sample', 0],
      ['row 0, its partner, is of the same sample', 1],
    ]);
    expect(pageOf(views[1] as Replay)).toContain('<dt>occurrence</dt><dd>1 of 0..1</dd>');
  });

  it('says so where AutoAugment applied nothing, and where no image was flipped', async () => {
    const all = (await Promise.all([1, 2, 3, 4].map((epoch) => replays(epoch, [])))).flat();
    const idle = all.find(({ sample }) => sample.stages.length === 2) as Replay;
    const page = pageOf(idle);
    expect(page).toContain('<dt>operations</dt><dd>none applied</dd>');
    expect(page).not.toContain('<h2>MixUp</h2>');
    const flipped = (flip: boolean) =>
      all.find(({ sample }) => isDeepStrictEqual(sample.drawn[1]?.values, { flip })) as Replay;
    expect(pageOf(flipped(true))).toContain('<dt>flip</dt><dd>yes</dd>');
    expect(pageOf(flipped(false))).toContain('<dt>flip</dt><dd>no</dd>');
  });
});
