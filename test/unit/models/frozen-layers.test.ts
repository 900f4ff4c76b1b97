import { expect, it } from 'vitest';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { frozenLayers } from '../../../src/models/frozen-layers.ts';

// twelve blocks in the third stage
const model = efficientNet({ depth: 6, width: 0.25 });

it('freezes layers by whole parts of their names', () => {
  expect([...frozenLayers(model, ['stem', 'layers.2.block1'])]).toEqual([
    'stem',
    'layers.2.block1.expand',
    'layers.2.block1.depsep',
    'layers.2.block1.se.squeeze',
    'layers.2.block1.se.expand',
    'layers.2.block1.proj',
  ]);
  expect([...frozenLayers(model, ['classifier'])]).toEqual(['classifier.fc']);
});

it('freezes nothing by default', () => {
  expect(frozenLayers(model).size).toBe(0);
});

it.each(['layers.1.block', 'ste', 'conv', '', 'stem.conv.weight'])(
  'has no layer that begins with %j',
  (prefix) => {
    const known = [...Array(7).keys()].map((stage) => `layers.${stage}`).join(', ');
    expect(() => frozenLayers(model, ['stem', prefix])).toThrow(
      `frozen (--freeze): must begin names of layers, stem, ${known}, features, classifier, got ${prefix}`,
    );
  },
);

it('leaves something to learn', () => {
  const all = ['stem', 'layers', 'features'];
  expect(frozenLayers(model, all).has('classifier.fc')).toBe(false);
  expect(() => frozenLayers(model, [...all, 'classifier'])).toThrow(
    'leaves no layer that learns, got stem,layers,features,classifier',
  );
});
