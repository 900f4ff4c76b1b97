import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalStarts } from '../../backends/kernels/noise/offset-starts.ts';
import { colorJitter } from '../../operators/registry.ts';
import { applyOperators } from '../../src/apply.ts';
import { openExecutor } from '../../src/engine/rows/open-executor.ts';
import { resultOf } from '../support/executors.ts';
import { goldenImage, sha256 } from '../support/golden.ts';
import { backends, callOperator } from '../support/operator-calls.ts';

/** What make_colour_golden.py wrote. */
interface ColourGolden {
  readonly cases: readonly (Case & { readonly operator: string; readonly arguments: readonly unknown[] })[];
  readonly jitters: readonly (Case & { readonly adjustments: readonly Adjustment[] })[];
  readonly noises: readonly {
    readonly mean: number;
    readonly sigma: number;
    readonly base: number;
    readonly sha256: string;
  }[];
}
interface Case {
  readonly image: number;
  readonly sha256: string;
}
interface Adjustment {
  readonly operator: 'brightness' | 'contrast' | 'color' | 'hue';
  readonly factor: number;
}

const golden: ColourGolden = JSON.parse(readFileSync('test/golden/colours.json', 'utf8'));
const names = [
  ...['hue', 'grayscale', 'gaussianBlur', 'randomGrayscale', 'randomInvert', 'randomEqualize'],
  ...['randomAutoContrast', 'randomSolarize', 'randomPosterize', 'randomAdjustSharpness'],
];

describe.each(backends)('operators on %s', (backend) => {
  it.each(names)('%s gives the bytes of torchvision on PIL images', async (name) => {
    const cases = golden.cases.filter(({ operator }) => operator === name);
    expect(cases.length).toBeGreaterThan(6);
    for (const { image, arguments: args, sha256: expected } of cases) {
      const result = await applyOperators(goldenImage(image), [callOperator(name, args)], { backend });
      expect(sha256(result.data as Uint8Array), `${JSON.stringify(args)} of image ${image}`).toBe(expected);
    }
  });

  it('colorJitter gives the bytes of torchvision in every order', async () => {
    const executor = await openExecutor(backend);
    for (const { image: index, adjustments, sha256: expected } of golden.jitters) {
      const image = goldenImage(index);
      const calls = colorJitter.definition.lower({ adjustments }, image);
      expect(sha256((await resultOf(executor, image, calls)).data), JSON.stringify(adjustments)).toBe(
        expected,
      );
    }
    await executor.close();
  });
});

it("gaussianNoise adds the levels that torchvision's GaussianNoise makes of the same normal values", () => {
  for (const { mean, sigma, base, sha256: expected } of golden.noises) {
    const starts = normalStarts(mean, sigma);
    let level = -255;
    const values = Uint8ClampedArray.from({ length: 65_536 }, (_, index) => {
      while ((starts[level + 255] ?? Number.POSITIVE_INFINITY) <= index) level++;
      return base + level;
    });
    expect(sha256(new Uint8Array(values.buffer)), `mean ${mean}, sigma ${sigma} on ${base}`).toBe(expected);
  }
});
