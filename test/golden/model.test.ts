import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { formulaWeights } from '../support/formula.ts';
import { expectLogits, modelGolden, predict } from '../support/model-golden.ts';

const bytes = readFileSync('test/golden/model.bin');
const classes = 1000;

describe('the forward pass, beside PyTorch', () => {
  const offsets = modelGolden.cases.map((_, index) =>
    modelGolden.cases.slice(0, index).reduce((sum, { rows }) => sum + 4 * rows * classes, 0),
  );
  it.each(modelGolden.cases.map((one, index) => ({ ...one, offset: offsets[index] as number })))(
    'gives $variant the same logits for images of $size pixels',
    async ({ variant, size, rows, offset }) => {
      const model = efficientNet({ variant });
      const start = bytes.byteOffset + offset;
      const expected = new Float32Array(bytes.buffer.slice(start, start + 4 * rows * classes));
      const logits = await predict(model, formulaWeights(model), { size, rows });
      expect(expected.length).toBe(rows * classes);
      expectLogits(logits, expected, 1e-4);
    },
  );
});
