import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { formulaWeights } from '../support/formula.ts';
import { isWithoutGpu, useOpenGpu } from '../support/gpu.ts';
import { expectLogits, logitErrors, modelGolden, predict } from '../support/model-golden.ts';

const bytes = readFileSync('test/golden/model.bin');
const classes = 1000;

useOpenGpu();

let at = bytes.byteOffset;
const cases = modelGolden.cases.map((one) => {
  const start = at;
  at += 4 * one.rows * classes;
  return { ...one, expected: new Float32Array(bytes.buffer.slice(start, at)) };
});

it('has logits of every model', () => {
  expect(at - bytes.byteOffset).toBe(bytes.byteLength);
});

describe('the forward pass, beside PyTorch', () => {
  it.for(cases)(
    'gives $variant the same logits for images of $size pixels',
    async ({ variant, expected, ...images }) => {
      const model = efficientNet({ variant });
      const logits = await predict(model, formulaWeights(model), images);
      expectLogits(logits, expected, 1e-4);
    },
  );
});

describe.for([
  { device: 'cpu', isSkipped: false },
  { device: 'gpu', isSkipped: isWithoutGpu },
] as const)('the forward pass of the graph on the $device, beside PyTorch', ({ device, isSkipped }) => {
  it.skipIf(isSkipped).for(cases)(
    'gives $variant the same logits for images of $size pixels',
    async ({ variant, expected, ...images }) => {
      const model = efficientNet({ variant });
      const logits = await predict(model, formulaWeights(model), images, createTrainer({ device }));
      const { all, worst } = logitErrors(logits, expected);
      expect(all).toBeLessThan(1e-5);
      expect(worst).toBeLessThan(2e-5);
    },
  );
});
