import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { randomCrop } from '../../operators/image/random-crop.ts';
import { applyOperators } from '../../src/apply.ts';
import type { Size } from '../../src/core/image.ts';
import { describeStep, type Step } from '../../src/core/step.ts';
import { openExecutor } from '../../src/engine/rows/open-executor.ts';
import { type EvaluationRecipe, evaluationSteps } from '../../src/streams/recipe.ts';
import { resultOf } from '../support/executors.ts';
import { goldenImage, sha256 } from '../support/golden.ts';
import { backends, callOperator, programOf } from '../support/operator-calls.ts';

interface Case extends Size {
  readonly image: number;
  readonly sha256: string;
}
interface Golden {
  readonly cases: readonly (Case & { readonly operator: string; readonly arguments: readonly unknown[] })[];
  readonly randomCrops: readonly (Case & { readonly drawn: object })[];
}

/** Of make_geometry_golden.py: verticalFlip, randomVerticalFlip, resize, pad, centerCrop, steps of an evaluation; randomCrop. */
const golden: Golden = JSON.parse(gunzipSync(readFileSync('test/golden/geometry.json.gz')).toString());
const names = [...new Set(golden.cases.map(({ operator }) => operator))];

const imageSteps = (steps: readonly Step[]): Step[] =>
  steps.filter((step) => step[describeStep].phase === 'image');

/** A call of an operator, or timm's steps before an evaluation. */
const stepsOf = (operator: string, args: readonly unknown[]): Step[] =>
  operator === 'evaluationSteps'
    ? imageSteps(evaluationSteps(args[0] as EvaluationRecipe))
    : [callOperator(operator, args)];

describe.each(backends)('geometry on %s', (backend) => {
  it.each(names)('%s gives the bytes of Pillow, torchvision and timm', async (name) => {
    for (const { operator, arguments: args, image, ...expected } of golden.cases) {
      if (operator !== name) continue;
      const { data, width, height } = await applyOperators(goldenImage(image), stepsOf(operator, args), {
        backend,
      });
      const made = { width, height, sha256: sha256(data as Uint8Array) };
      expect(made, `${operator}(${JSON.stringify(args)}) of image ${image}`).toEqual(expected);
    }
  });

  it("randomCrop gives torchvision's bytes wherever it was drawn", async () => {
    const executor = await openExecutor(backend);
    for (const { drawn, image, ...expected } of golden.randomCrops) {
      const input = goldenImage(image);
      const calls = randomCrop.definition.lower(drawn as never, input);
      const { data, width, height } = await resultOf(executor, input, calls);
      expect({ width, height, sha256: sha256(data) }, JSON.stringify({ image, drawn })).toEqual(expected);
    }
  });
});

it('randomCrop draws every place as often, and none outside the padded image', () => {
  const image = goldenImage(3);
  const counts = new Map<string, number>();
  for (let sampleId = 0; sampleId < 3000; sampleId++) {
    const step = randomCrop(3, { padding: 1 });
    const drawn = programOf(step, image, { seed: 3, epoch: 0, sampleId })?.drawn[0]?.values;
    const { left, top } = drawn as { left: number; top: number };
    counts.set(`${left},${top}`, (counts.get(`${left},${top}`) ?? 0) + 1);
  }
  // of 2 x 3 pixels, padded to 4 x 5: two places across, three down
  expect([...counts.keys()].sort()).toEqual(['-1,-1', '-1,0', '-1,1', '0,-1', '0,0', '0,1']);
  for (const count of counts.values()) expect(count / 3000).toBeCloseTo(1 / 6, 1);
});
