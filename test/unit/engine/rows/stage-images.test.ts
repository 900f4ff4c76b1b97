import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Executor } from '../../../../backends/backend.ts';
import { decode } from '../../../../operators/image/decode.ts';
import { normalize } from '../../../../operators/image/normalize.ts';
import { imageSteps, makePlan } from '../../../../src/engine/plan/plan.ts';
import { drawProgram } from '../../../../src/engine/plan/program.ts';
import { openExecutor } from '../../../../src/engine/rows/open-executor.ts';
import { stageImages } from '../../../../src/engine/rows/stage-images.ts';
import {
  autoAugment,
  centerCrop,
  randomHorizontalFlip,
  randomResizedCrop,
  resize,
} from '../../../../src/index.ts';
import { noise } from '../../../support/images.ts';

let executor: Executor;
beforeAll(async () => {
  executor = await openExecutor('cpu');
});
afterAll(() => executor.close());

const steps = imageSteps(
  makePlan([randomResizedCrop(16), randomHorizontalFlip(), autoAugment()], {
    decode: decode(),
    normalize: normalize(),
  }),
);

const side = fc.integer({ min: 1, max: 60 });
const size = fc.record({ width: side, height: side });

it('ends with the image of the whole program, whatever was drawn', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(1000), async (of, sampleId) => {
      const image = noise(of, sampleId);
      const { calls, lowered, drawn } = drawProgram(steps, image, { seed: 1, epoch: 0, sampleId });
      const stages = await stageImages(executor, image, steps, drawn);
      executor.image(0, image).set(image.data);
      executor.run(0, calls);
      expect(stages.at(-1)?.image).toEqual(await executor.read(0));
      expect(stages.flatMap((stage) => stage.calls)).toEqual(lowered.flat());
    }),
  );
});

it('shows each operator that AutoAugment applied, and what it was given', async () => {
  const image = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3).fill(100) };
  const operations = [
    { operator: 'invert', parameters: {} },
    { operator: 'solarizeAdd', parameters: { amount: 20 } },
  ];
  const drawn = [{ operator: 'autoAugment', values: { subPolicy: 3, operations } }];
  const stages = await stageImages(executor, image, steps.slice(2), drawn);
  expect(stages.map(({ operator, values, partOf }) => ({ operator, values, partOf }))).toEqual([
    { operator: 'invert', values: {}, partOf: 'autoAugment' },
    { operator: 'solarizeAdd', values: { amount: 20 }, partOf: 'autoAugment' },
  ]);
  expect(stages.map((stage) => stage.image.data[0])).toEqual([155, 155]);
});

it('shows a step whose image would be too large together with the next', async () => {
  const operators = [resize({ shortSide: 64 }), centerCrop(56), randomHorizontalFlip()];
  const steps = imageSteps(makePlan(operators, { decode: decode(), normalize: normalize() }));
  const image = noise({ width: 900, height: 3 }, 1);
  const { calls, lowered, drawn } = drawProgram(steps, image, { seed: 1, epoch: 0, sampleId: 1 });
  const stages = await stageImages(executor, image, steps, drawn);
  expect(stages.map(({ operator }) => operator)).toEqual(['centerCrop', 'randomHorizontalFlip']);
  expect(stages.flatMap((stage) => stage.calls)).toEqual(lowered.flat());
  executor.image(0, image).set(image.data);
  executor.run(0, calls);
  expect(stages.at(-1)?.image).toEqual(await executor.read(0));
});
