import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyOperators, DataError, type RawImage } from '../../src/index.ts';
import { goldenImage, sha256 } from '../support/golden.ts';
import { backends, callOperator } from '../support/operator-calls.ts';

interface ViewsCase {
  readonly image: number;
  readonly operator: string;
  readonly arguments: readonly unknown[];
  /** Beginnings of the views' digests. */
  readonly views: readonly string[];
}

/** What make_views_golden.py wrote. */
const { cases }: { readonly cases: readonly ViewsCase[] } = JSON.parse(
  readFileSync('test/golden/views.json', 'utf8'),
);

const digestOf = async (one: ViewsCase, occurrence: number, backend: (typeof backends)[number]) => {
  const step = callOperator(one.operator, one.arguments);
  const view = await applyOperators(goldenImage(one.image), [step], { backend, occurrence });
  return sha256((view as RawImage).data).slice(0, 16);
};

describe.each(['fiveCrop', 'tenCrop', 'mirrorViews'])('%s', (name) => {
  const own = cases.filter(({ operator }) => operator === name);

  it.each(backends)("gives torchvision's views on %s, one after the other", async (backend) => {
    expect(own.length).toBeGreaterThan(0);
    for (const one of own)
      for (const [occurrence, expected] of one.views.entries())
        expect(await digestOf(one, occurrence, backend), JSON.stringify({ ...one, occurrence })).toBe(
          expected,
        );
  });
});

describe.each([
  ['fiveCrop', 5],
  ['tenCrop', 10],
] as const)('%s', (name, views) => {
  const image = goldenImage(0);

  it('refuses an image that is smaller', async () => {
    const step = callOperator(name, [48]);
    await expect(applyOperators(image, [step])).rejects.toThrow(DataError);
    await expect(applyOperators(image, [step])).rejects.toThrow(
      `${name}: 48 x 48 pixels do not fit into an image of 61 x 47`,
    );
  });

  it('refuses more views than it has', async () => {
    const step = callOperator(name, [8]);
    await expect(applyOperators(image, [step], { occurrence: views - 1 })).resolves.toMatchObject({
      width: 8,
    });
    await expect(applyOperators(image, [step], { occurrence: views })).rejects.toThrow(
      `${name}: it has ${views} crops for as many rows of a sample (views: ${views}), and this is row ${views + 1}`,
    );
  });
});
