import { describe, expect, it } from 'vitest';
import { operationAt } from '../../operators/auto-augment/magnitudes.ts';
import type { PolicyOperatorName } from '../../operators/auto-augment/operators.ts';
import { torchvisionPolicies } from '../../operators/auto-augment/torchvision/policies.ts';
import { normalize } from '../../operators/image/normalize.ts';
import { applyOperators } from '../../src/apply.ts';
import type { RawImage, Tensor } from '../../src/core/image.ts';
import { randomFor } from '../../src/core/random.ts';
import type { Step } from '../../src/core/step.ts';
import { bytesAt, type Expected, golden, goldenImage, sha256 } from '../support/golden.ts';
import { backends, callOperator } from '../support/operator-calls.ts';

/** Pillow computes bicubic warps in float64, we in integers: at most so many levels apart. */
const BICUBIC_WARP_LEVELS = 1;

describe.each(backends)('operators on %s', (backend) => {
  const runs = (step: Step, image: RawImage) => applyOperators(image, [step], { backend });
  const names = [...new Set(golden.cases.map(({ operator }) => operator))];

  it.each(names)('%s gives the bytes of Pillow and torchvision', async (name) => {
    for (const entry of golden.cases.filter(({ operator }) => operator === name)) {
      const result = await runs(callOperator(entry.operator, entry.arguments), goldenImage(entry.image));
      expectPixels(
        result,
        entry,
        `${entry.operator}(${JSON.stringify(entry.arguments)}) of image ${entry.image}`,
      );
    }
  });

  it("gives torchvision's bytes for every operator, level and sign of the imagenet policy", async () => {
    for (const entry of golden.imagenet.cases) {
      const image = goldenImage(entry.image);
      const { parameters } = operationAt(
        torchvisionPolicies.imagenet.magnitudes,
        entry.operator as PolicyOperatorName,
        ...([entry.level, entry.sign, image, randomFor(0, 0, 0, 0)] as const),
      );
      const result = await runs(callOperator(entry.operator, [parameters]), image);
      expectPixels(
        result,
        entry,
        `${entry.operator} at ${entry.sign} x ${entry.level} of image ${entry.image}`,
      );
    }
  });

  it.each(golden.normalize)("normalize gives torchvision's half floats for image $image", async (entry) => {
    for (const layout of ['nhwc', 'nchw'] as const) {
      const tensor = await applyOperators(goldenImage(entry.image), [normalize({ layout })], { backend });
      expect(sha256(tensor.data as Uint16Array), layout).toBe(entry[layout]);
    }
  });
});

function expectPixels(result: RawImage | Tensor, expected: Expected, call: string): void {
  const data = result.data as Uint8Array;
  expect({ width: result.width, height: result.height }, call).toEqual({
    width: expected.width,
    height: expected.height,
  });
  if (expected.offset === undefined) expect(sha256(data), call).toBe(expected.sha256);
  else
    expect(largestDifference(data, bytesAt(expected.offset, expected)), call).toBeLessThanOrEqual(
      BICUBIC_WARP_LEVELS,
    );
}

const largestDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] as number))), 0);
