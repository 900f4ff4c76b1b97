import { expect, it } from 'vitest';
import { lut } from '../../../../backends/kernels/lut/lut.ts';
import type { AnyImageOperator } from '../../../../operators/operator.ts';
import { definitionOf, describeStep } from '../../../../src/core/step.ts';
import { drawProgram, type ImageStep } from '../../../../src/engine/plan/program.ts';
import { images, invert, pipeline, posterize } from '../../../../src/index.ts';
import { counted, counts } from '../../../support/counted.ts';
import { noise } from '../../../support/images.ts';

const size = { width: 6, height: 4 };
const at = { seed: 1, epoch: 0, sampleId: 0 };

it('joins the calls of neighbouring steps, and keeps what each step lowered to', () => {
  const steps = [invert(), posterize({ bits: 4 })].map((step): ImageStep => {
    const { parameters } = step[describeStep];
    return { operator: step[definitionOf] as AnyImageOperator, parameters };
  });
  const { calls, lowered } = drawProgram(steps, size, at);
  expect(lowered.map((own) => own.map(({ kernel }) => kernel))).toEqual([[lut], [lut]]);
  expect(calls.map(({ kernel }) => kernel)).toEqual([lut]);
  // 255 - 20 = 235, whose upper four bits are 224
  expect(calls[0]?.args.tables[20]).toBe(224);
});

it('a stream fuses each program once, and executors run what became of it', async () => {
  const samples = Array.from({ length: 5 }, (_, i) => ({ image: noise(size, i), label: 0, key: `${i}` }));
  const stream = pipeline(images(samples), { backend: 'reference', workers: 0, batchSize: 2, epochs: 1 });
  for await (const _ of stream.pipe(counted())) {
  }
  // of three calls the first two become one, the third stays: two questions a program
  expect(counts).toEqual({ lowered: counts.lowered, fusings: 2 * counts.lowered, runs: 2 * samples.length });
});
