import { expect, it } from 'vitest';
import { type EfficientNet, efficientNet } from '../../../../src/models/efficientnet.ts';
import { checkModel } from '../../../../src/trainers/graph/check-model.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, classes: 3, resolution: 32 });

it.each(['b0', 'b4', 'widese-b0', 'widese-b4'] as const)('takes %s', (variant) => {
  expect(() => checkModel(efficientNet({ variant }))).not.toThrow();
});

it('names the layer whose channels are no multiple of 4', () => {
  const stem = { ...model.stem, outChannels: 7 };
  const message = 'graph: stem: channels must be a multiple of 4, got 7';
  expect(() => checkModel({ ...model, stem })).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_MODEL', message }),
  );
  const blocks = model.blocks.map((block, i) =>
    i === 1 ? { ...block, project: { ...block.project, outChannels: 10 } } : block,
  );
  expect(() => checkModel({ ...model, blocks })).toThrow(/proj: channels must be a multiple of 4, got 10/);
});

it('refuses what is no EfficientNet', () => {
  for (const other of [undefined, {}, { blocks: 3 }])
    expect(() => checkModel(other as unknown as EfficientNet)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MODEL' }),
    );
});
