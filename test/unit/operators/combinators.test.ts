import { describe, expect, it } from 'vitest';
import { equalize } from '../../../operators/image/equalize.ts';
import { normalize } from '../../../operators/image/normalize.ts';
import { describeStep, type Step } from '../../../src/core/step.ts';
import { pipelineDigest } from '../../../src/engine/plan/digest.ts';
import { makePlan } from '../../../src/engine/plan/plan.ts';
import { openExecutor } from '../../../src/engine/rows/open-executor.ts';
import { stageImages } from '../../../src/engine/rows/stage-images.ts';
import {
  applyOperators,
  autoAugment,
  centerCrop,
  decode,
  images,
  invert,
  mixup,
  pipeline,
  posterize,
  randomApply,
  randomChoice,
  randomHorizontalFlip,
  randomOrder,
  randomResizedCrop,
  resize,
  solarize,
} from '../../../src/index.ts';
import { noise } from '../../support/images.ts';
import { imageOperatorOf, programOf } from '../../support/operator-calls.ts';
import { patternItems } from '../../support/raw-images.ts';
import { tint } from '../../support/tint.ts';

const image = noise({ width: 20, height: 12 }, 5);
const SAMPLES = 4000;

interface Drawn {
  readonly steps: readonly { readonly step: number; readonly operator: string; readonly values: unknown }[];
}
const drawnOf = (step: Step, sampleId = 0): Drawn =>
  programOf(step, image, { seed: 9, epoch: 0, sampleId })?.drawn[0]?.values as Drawn;

/** How often each outcome came, as shares. */
function shares(step: Step): Map<string, number> {
  const counts = new Map<string, number>();
  for (let sampleId = 0; sampleId < SAMPLES; sampleId++) {
    const outcome = drawnOf(step, sampleId)
      .steps.map(({ operator }) => operator)
      .join(' ');
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1 / SAMPLES);
  }
  return counts;
}

function expectShares(step: Step, expected: Readonly<Record<string, number>>): void {
  const found = shares(step);
  expect([...found.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [outcome, share] of Object.entries(expected)) expect(found.get(outcome)).toBeCloseTo(share, 1);
}

describe('what is chosen', () => {
  const three = [invert(), equalize(), solarize({ threshold: 128 })];

  it('randomApply: all of the steps as often as its probability says, else none', () => {
    expectShares(randomApply(three, { probability: 0.3 }), { '': 0.7, 'invert equalize solarize': 0.3 });
    expectShares(randomApply([invert()]), { '': 0.5, invert: 0.5 });
  });

  it('randomChoice: one of the steps, each as often, or as often as its weight says', () => {
    expectShares(randomChoice(three), { invert: 1 / 3, equalize: 1 / 3, solarize: 1 / 3 });
    expectShares(randomChoice(three, { weights: [3, 0, 1] }), { invert: 0.75, solarize: 0.25 });
  });

  it('randomOrder: all of the steps, in every order as often', () => {
    const orders = ['i e s', 'i s e', 'e i s', 'e s i', 's i e', 's e i'];
    const names = { i: 'invert', e: 'equalize', s: 'solarize' } as const;
    const expected = orders.map((order) => order.replace(/\w/g, (letter) => names[letter as 'i']));
    expectShares(randomOrder(three), Object.fromEntries(expected.map((order) => [order, 1 / 6])));
  });
});

describe('steps inside a step', () => {
  const certainly = (...steps: Step[]) => randomApply(steps, { probability: 1 });

  it('give what they give in a pipeline', async () => {
    const steps = [resize({ width: 9, height: 7 }), invert(), posterize({ bits: 3 })];
    expect(await applyOperators(image, [certainly(...steps)])).toEqual(await applyOperators(image, steps));
    const deep = certainly(certainly(steps[0] as Step), randomChoice([certainly(...steps.slice(1))]));
    expect(await applyOperators(image, [deep])).toEqual(await applyOperators(image, steps));
  });

  it('draw for the image that the step before them makes', () => {
    const [, second] = drawnOf(certainly(centerCrop(4), randomResizedCrop(8))).steps;
    const { left, width } = (second as Drawn['steps'][number]).values as { left: number; width: number };
    expect(left + width).toBeLessThanOrEqual(4);
  });

  it('draw one after the other, none what another drew', () => {
    const flips = [randomHorizontalFlip(), randomHorizontalFlip()];
    const pairs = Array.from({ length: 200 }, (_, sampleId) =>
      JSON.stringify(drawnOf(certainly(...flips), sampleId).steps.map(({ values }) => values)),
    );
    expect(new Set(pairs).size).toBe(4);
  });

  it('are shown one by one, to the innermost', async () => {
    const step = certainly(invert(), certainly(posterize({ bits: 2 })), autoAugment());
    const operator = imageOperatorOf(step);
    const drawn = [...Array(50).keys()]
      .map((id) => drawnOf(step, id))
      .find((one) => partsOf(one).length === 4);
    function partsOf(values: unknown) {
      return operator.parts?.(values) ?? [];
    }
    const executor = await openExecutor('reference');
    const { parameters } = step[describeStep];
    const values = { operator: operator.name, values: drawn };
    const stages = await stageImages(executor, image, [{ operator, parameters }], [values]);
    expect(stages.map((stage) => stage.operator).slice(0, 2)).toEqual(['invert', 'posterize']);
    expect(stages.map(({ partOf }) => partOf)).toEqual(Array(4).fill('randomApply'));
    const program = operator.lower(drawn, image);
    executor.image(0, image).set(image.data);
    executor.run(0, program);
    expect(stages.at(-1)?.image).toEqual(await executor.read(0));
  });

  it('must be image steps, and say so by name', () => {
    expect(() => randomApply([invert(), mixup(0.2)])).toThrow(
      'randomApply: steps must be a list of image steps, one or more, got [invert(...), mixup(...)]',
    );
    expect(() => randomChoice([])).toThrow('randomChoice: steps must be a list of image steps');
    expect(() => randomChoice([invert()], { weights: [1, 2] })).toThrow(
      'randomChoice: weights must be one number a step (1), not all 0, got [1, 2]',
    );
    expect(() => randomChoice([invert()], { weights: [0] })).toThrow('not all 0, got [0]');
  });

  it('must fix the same size where they fix one', () => {
    const sizes = [centerCrop(4), randomResizedCrop(5)];
    expect(() => randomChoice(sizes)).toThrow(
      "randomChoice: steps must be steps to images of one size, got ['4 x 4', '5 x 5']",
    );
    expect(() => randomOrder([invert(), ...sizes])).toThrow("got ['4 x 4', '5 x 5']");
    const sizeOf = (...steps: Step[]) => pipeline(images(patternItems(2))).pipe(...steps).imageSize;
    expect(sizeOf(randomChoice([centerCrop(4), randomResizedCrop(4)]))).toEqual({ width: 4, height: 4 });
    expect(sizeOf(randomResizedCrop(6), randomApply([invert()]))).toEqual({ width: 6, height: 6 });
    expect(sizeOf(randomChoice([centerCrop(4), invert()]))).toBeUndefined();
  });
});

describe('a pipeline with steps inside a step', () => {
  const stream = (workers: number, ...steps: Step[]) =>
    pipeline(images(patternItems(12)), { batchSize: 4, workers, digest: true, seed: 4 }).pipe(...steps);

  it("runs on worker threads as on the calling thread, a user's own operator too", async () => {
    const steps = [
      randomResizedCrop(8),
      randomOrder([tint(), randomApply([tint({ strength: 200 }), randomHorizontalFlip()]), autoAugment()]),
    ];
    const digests: (string | undefined)[] = [];
    for (const workers of [0, 2]) {
      let last: string | undefined;
      for await (const { digest } of stream(workers, ...steps)) last = digest;
      digests.push(last);
    }
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(digests[1]).toBe(digests[0]);
  });

  it('has a digest of what those steps do, not of where their modules lie', () => {
    const digestOf = (edit: (description: object) => object) => {
      const plan = makePlan([randomApply([invert(), randomApply([tint()])])], {
        decode: decode(),
        normalize: normalize(),
      });
      const [step] = plan.image;
      const description = JSON.parse(JSON.stringify(step?.description), (key, value) =>
        key === '' || !(value instanceof Object && 'module' in value) ? value : edit(value),
      );
      const image = [{ ...(step as NonNullable<typeof step>), description }];
      const identity = { seed: 1, globalBatchSize: 2, shuffle: true, dropLast: true };
      return pipelineDigest({ ...plan, image }, identity);
    };
    const own = digestOf((step) => step);
    expect(digestOf((step) => ({ ...step, module: 'file:///elsewhere.js' }))).toBe(own);
    expect(digestOf((step) => ({ ...step, version: 2 }))).not.toBe(own);
    expect(digestOf((step) => ({ ...step, parameters: {} }))).not.toBe(own);
  });

  it('is explained with those steps as they are called', () => {
    const explained = stream(
      0,
      randomResizedCrop(8),
      randomApply([posterize({ bits: 3 }), invert()]),
    ).explain();
    expect(explained).toContain(
      'randomApply(steps: [posterize(bits: 3), invert()], probability: 0.5) -> lut',
    );
  });
});
