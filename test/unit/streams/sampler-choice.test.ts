import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blockShuffle, classBalanced, classesByRows, weighted } from '../../../src/index.ts';
import { samplerOf } from '../../../src/streams/sampler-choice.ts';
import { folderOf } from '../../support/folders.ts';
import { labelled } from '../../support/labelled.ts';

const identityOf = (sampler: ReturnType<typeof samplerOf>) => [sampler?.name, sampler?.parameters];

describe('the text for a sampler', () => {
  it('is a sampler of the library', () => {
    const file = join(folderOf({ 'w.json': '{ "classes": { "cat": 2 } }' }), 'w.json');
    const pairs = [
      [samplerOf({ sampler: 'balanced', samplesPerEpoch: 9 }), classBalanced({ samplesPerEpoch: 9 })],
      [samplerOf({ sampler: 'pxk:8x4' }), classesByRows(8, 4)],
      [samplerOf({ sampler: 'blocks:256' }), blockShuffle(256)],
      [samplerOf({ sampler: 'blocks:256x4' }), blockShuffle(256, { window: 4 })],
      [samplerOf({ sampler: `weighted:${file}` }), weighted({ classes: { cat: 2 } })],
    ] as const;
    for (const [actual, expected] of pairs) expect(identityOf(actual)).toEqual(identityOf(expected));
    expect(samplerOf({})).toBeUndefined();
    const own = classBalanced();
    expect(samplerOf({ sampler: own })).toBe(own);
  });

  it.each([
    '',
    'balance',
    'balanced:2',
    'pxk',
    'pxk:8',
    'pxk:8x0',
    'blocks:',
    'blocks:1x2x3',
    'weighted',
    'toString',
  ])('is refused where it says none: %j', (sampler) => {
    expect(() => samplerOf({ sampler })).toThrow('sampler (--sampler) must be balanced, weighted:<file>');
  });

  it('names what does not go together, and a file that cannot be read', () => {
    expect(() => samplerOf({ samplesPerEpoch: 3 })).toThrow(
      '(--samples-per-epoch) needs one of the samplers',
    );
    expect(() => samplerOf({ sampler: 'blocks:4', samplesPerEpoch: 3 })).toThrow('each sample once an epoch');
    expect(() => samplerOf({ sampler: 'weighted:/none.json' })).toThrow(
      '/none.json: the weights cannot be read',
    );
    const list = join(folderOf({ 'w.json': '[1, {}]' }), 'w.json');
    const sampler = samplerOf({ sampler: `weighted:${list}` });
    const dataset = labelled(2, () => 0);
    expect(() => sampler?.open({ dataset, seed: 0, batchSize: 1 })).toThrow(
      `sampler (--sampler): ${list}: labelled(2): weighted: the weight of 0/1 must be a number`,
    );
    for (const [text, reason] of Object.entries({
      '{}': 'expected a list of numbers',
      null: 'expected a list of numbers',
      '{"classes":[1,2]}': 'weights must be an object such as { cat: 2 }',
      '{"keys":null}': 'weights must be an object such as { cat: 2 }',
      '{"classes":{"cat":-1}}': 'the weight of cat must be a number of 0 or more',
    })) {
      const file = join(folderOf({ 'w.json': text }), 'w.json');
      expect(() => samplerOf({ sampler: `weighted:${file}` })).toThrow(
        `sampler (--sampler): ${file}: weighted: ${reason}`,
      );
    }
  });

  it('reads a file with a byte order mark, as Windows writes it', () => {
    const file = join(folderOf({ 'w.json': '\ufeff{ "classes": { "cat": 2 } }' }), 'w.json');
    expect(identityOf(samplerOf({ sampler: `weighted:${file}` }))).toEqual(
      identityOf(weighted({ classes: { cat: 2 } })),
    );
  });
});
