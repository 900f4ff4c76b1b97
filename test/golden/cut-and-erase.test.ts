import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type CutFormula, cutBox } from '../../operators/cut-box.ts';
import { erasedSize } from '../../operators/erase-box.ts';
import type { Box } from '../../src/core/image.ts';
import { mixingOf, type RowMix } from '../../src/core/mixing.ts';
import { softTargets } from '../../src/trainers/recipe/batch-input.ts';
import { sha256 } from '../support/golden.ts';
import { makeBatch } from '../support/trainers.ts';

type Corners = readonly [left: number, top: number, width: number, height: number];
type Pair = readonly [number, number];
interface BatchCase {
  readonly labels: readonly number[];
  readonly mix?: { readonly lambda: number; readonly box: Corners };
  readonly targets?: string;
}

/** What test/golden/make_mix_golden.py wrote. */
interface Golden {
  readonly cuts: readonly (Readonly<Record<CutFormula, Corners>> & {
    readonly size: Pair;
    readonly lambda: number;
    readonly x: number;
    readonly y: number;
  })[];
  readonly erasings: readonly {
    readonly size: Pair;
    readonly attempts: readonly Pair[];
    readonly box: Corners | null;
  }[];
  readonly cutmix: readonly BatchCase[];
  readonly both: readonly BatchCase[];
}
const golden: Golden = JSON.parse(gunzipSync(readFileSync('test/golden/mix.json.gz')).toString());

const CLASSES = 5;
const ROWS = 4;
const sizeOf = ([width, height]: Pair) => ({ width, height });
const boxOf = ([left, top, width, height]: Corners): Box => ({ left, top, width, height });

it.each(['torchvision', 'timm'] as const)('cutmix and mix cut boxes as %s does', (formula) => {
  for (const one of golden.cuts) {
    const { size, lambda, x, y } = one;
    expect(cutBox(formula, sizeOf(size), lambda, { x, y })).toEqual(boxOf(one[formula]));
  }
});

it('erase takes the first attempt that is smaller than the image, as torchvision does', () => {
  for (const { size, attempts, box } of golden.erasings) {
    const image = sizeOf(size);
    const sizes = attempts.map(([area, ratio]) => erasedSize(image, area, ratio));
    const fitting = sizes.findIndex(({ width, height }) => width < image.width && height < image.height);
    expect(fitting).toBe(box === null ? -1 : attempts.length - 1);
    if (box !== null) expect(sizes[fitting]).toEqual(sizeOf([box[2], box[3]]));
  }
});

it("the targets of cut batches are torchvision's, bit for bit", () => {
  for (const { labels, mix, targets } of [...golden.cutmix, ...golden.both]) {
    const own = Int32Array.from(labels);
    const mixing = mixingOf(
      own,
      labels.map(() => mixOf(mix)),
    );
    const batch = makeBatch({
      ...{ labels: own, mixing, shape: [ROWS, 1, 1, 3], images: new Float32Array(ROWS * 3) },
    });
    const made = softTargets(batch, CLASSES, 0);
    expect(sha256(new Uint8Array(made.buffer)).slice(0, 16)).toBe(targets);
  }
});

/** As the operators draw it: a box of no pixels mixes nothing. */
function mixOf(mix: BatchCase['mix']): RowMix | undefined {
  return mix === undefined || mix.lambda === 1 ? undefined : { lambda: mix.lambda, box: boxOf(mix.box) };
}
