import { describe, expect, it } from 'vitest';
import type { Drawn } from '../../../src/core/batch.ts';
import type { Box } from '../../../src/core/image.ts';
import { quoted } from '../../../src/core/shell.ts';
import { images, mixup, posterize, randomResizedCrop, rotate, solarize } from '../../../src/index.ts';
import { stageContents } from '../../../src/replay/content.ts';
import { describeCall, describeValue, stageFacts } from '../../../src/replay/words.ts';
import { patternImage, patternItems } from '../../support/raw-images.ts';
import { replaysOf } from '../../support/replays.ts';

const parameters = Object.assign(
  {},
  ...[rotate, posterize, solarize].map(({ definition }) => definition.parameters),
);

describe('words for what was drawn', () => {
  it.each([
    [['flip', true], 'flip: yes'],
    [['degrees', -16.700000000000003], 'degrees: -16.7°'],
    [['bits', 3], 'bits: 3 bits'],
    [['threshold', 204.8], 'threshold: 204.8'],
    [['fillColor', [1, 2, 3]], 'fill color: 1, 2, 3'],
    [['interpolation', 'bicubic'], 'interpolation: bicubic'],
    [['anything', { a: 1 }], 'anything: {"a":1}'],
  ] as const)('say %o', (value, words) => {
    expect(describeValue({ parameters }, value).join(': ')).toBe(words);
  });

  it.each([
    [
      { degrees: 3, by: 'hand' },
      [
        ['degrees', '3°'],
        ['by', 'hand'],
      ],
    ],
    ['hand', [['drawn', 'hand']]],
    [3, [['drawn', '3']]],
    [null, []],
  ])('name each value of %o', (values, facts) => {
    const image = patternImage(1, 2, 2);
    expect(stageFacts({ definition: rotate.definition, values, calls: [], image }, image)).toEqual(facts);
  });

  it('say of a crop its box and its share of the image, wherever in the pipeline it stands', async () => {
    const dataset = images(patternItems(2));
    const steps = [rotate({ degrees: 10 }), randomResizedCrop(8), mixup(1)];
    const request = { dataset, steps, options: { batchSize: 2, workers: 0 }, epoch: 0, batch: 0 };
    for (const { sample } of await replaysOf(request)) {
      const [rotated, cropped] = stageContents(sample);
      const [, crop] = sample.drawn as [Drawn, Drawn];
      const { left, top, width, height } = crop.values as Box;
      expect(rotated?.facts).toContainEqual(['degrees', '10°']);
      expect(cropped?.facts[0]).toEqual(['crop', `${width} × ${height} at ${left}, ${top}`]);
      const share = (width * height) / (sample.original.width * sample.original.height);
      expect(cropped?.facts[1]).toEqual(['area', `${Number((100 * share).toPrecision(3))} % of the image`]);
      expect(cropped?.facts[2]).toEqual(['size', '8 × 8']);
      const [call] = cropped?.stage?.calls ?? [];
      expect(call && describeCall(call)).toMatch(/^resample\(boxLeft 0, .*windowLeft \d+, .*mirror 0\)$/);
    }
  });
});

describe('a word of a command line', () => {
  it.each([
    ['runs/a-1/metrics.jsonl', 'runs/a-1/metrics.jsonl'],
    ['my data', "'my data'"],
    ["it's", "'it'\\''s'"],
    ['$(x)', "'$(x)'"],
    ['', "''"],
  ])('%s is %s to a POSIX shell', (word, expected) => {
    expect(quoted(word, 'linux')).toBe(expected);
  });

  it.each([
    ['C:\\runs\\a-1', 'C:\\runs\\a-1'],
    ['C:\\my data', '"C:\\my data"'],
    ['0.1,1', '"0.1,1"'],
    ["it's", '"it\'s"'],
  ])('%s is %s on Windows', (word, expected) => {
    expect(quoted(word, 'win32')).toBe(expected);
  });
});
