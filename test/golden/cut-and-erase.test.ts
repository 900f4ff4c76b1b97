import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { EraseBox, FinishRow } from '../../backends/backend.ts';
import { type CutFormula, cutBox } from '../../operators/cut-box.ts';
import { erasedSize } from '../../operators/erase-box.ts';
import { batchBytes } from '../../src/core/batch-size.ts';
import type { Box, RawImage, TensorFormat, TensorType } from '../../src/core/image.ts';
import { mixingOf, type RowMix } from '../../src/core/mixing.ts';
import { describeStep } from '../../src/core/step.ts';
import { openExecutor } from '../../src/engine/rows/open-executor.ts';
import { normalize } from '../../src/index.ts';
import { softTargets } from '../../src/trainers/recipe/batch-input.ts';
import { sha256 } from '../support/golden.ts';
import { backends } from '../support/operator-calls.ts';
import { makeBatch } from '../support/trainers.ts';

type Corners = readonly [left: number, top: number, width: number, height: number];
type Pair = readonly [number, number];
interface ErasedRows {
  readonly boxes: readonly (Corners | null)[];
  readonly fill: readonly [number, number, number];
}
interface BatchCase extends Readonly<Record<TensorType, string>> {
  readonly size: Pair;
  readonly labels: readonly number[];
  readonly mix?: { readonly lambda: number; readonly box: Corners };
  readonly erase?: ErasedRows;
  readonly eraseAfter?: ErasedRows;
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
  readonly erase: readonly BatchCase[];
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

describe.each(backends)('on the %s backend', (backend) => {
  const families = [
    ['cutmix', "batches of torchvision's CutMix"],
    ['erase', "batches of torchvision's RandomErasing"],
    ['both', 'batches erased, mixed and erased again'],
  ] as const;
  it.each(families)('%s: the same bytes as %s', async (family) => {
    const executor = await openExecutor(backend);
    const wrong: string[] = [];
    for (const [index, one] of golden[family].entries()) {
      const first = ({ cutmix: 0, erase: 200, both: 400 }[family] + index) * ROWS;
      for (const [row] of one.labels.entries()) {
        const image = noise(first + row, one.size);
        executor.image(row, image).set(image.data);
        executor.run(row, []);
      }
      for (const dtype of ['float32', 'float16'] as const) {
        const format = normalize({ dtype })[describeStep].parameters as unknown as TensorFormat;
        const output = new Uint8Array(batchBytes(ROWS, sizeOf(one.size), format));
        await executor.finish(rowsOf(one), format, output);
        if (sha256(output).slice(0, 16) !== one[dtype]) wrong.push(`${family} ${index} ${dtype}`);
      }
    }
    await executor.close();
    expect(wrong).toEqual([]);
  });
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

function rowsOf({ labels, mix, erase, eraseAfter }: BatchCase): FinishRow[] {
  const rowMix = mixOf(mix);
  return labels.map((_, row): FinishRow => {
    const partner = { partner: row ^ 1, ...erased('erase', erase, row ^ 1) };
    return {
      ...{ row, ...erased('erase', erase, row), ...erased('eraseAfter', eraseAfter, row) },
      ...(rowMix && { mix: { ...rowMix, ...partner } }),
    };
  });
}

function erased<Name extends string>(name: Name, rows: ErasedRows | undefined, row: number) {
  const box = rows?.boxes[row];
  const isErased = rows !== undefined && box && box[2] * box[3] > 0;
  return (isErased ? { [name]: [{ ...boxOf(box), fill: rows.fill }] } : {}) as {
    [key in Name]?: EraseBox[];
  };
}

/** The images of the script. */
function noise(seed: number, [width, height]: Pair): RawImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const a = Math.imul(i + seed * 65536, 0x9e3779b1);
    return Math.imul(a ^ (a >>> 15), 0x85ebca6b) >>> 13;
  });
  return { width, height, data };
}
