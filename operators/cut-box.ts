import { drawBeta } from '../src/core/beta.ts';
import type { Box, Size } from '../src/core/image.ts';
import type { RowMix } from '../src/core/mixing.ts';
import type { Rng } from '../src/core/random.ts';

/** How far a box reaches before its centre and after, where it takes the share `root` of a side. */
const reaches = {
  torchvision: (side: number, root: number) => {
    const half = Math.floor(0.5 * root * side);
    return [half, half] as const;
  },
  timm: (side: number, root: number) => {
    const cut = Math.floor(side * root);
    return [Math.floor(cut / 2), Math.floor((cut + 1) / 2)] as const;
  },
};
export type CutFormula = keyof typeof reaches;
export const cutFormulas = Object.keys(reaches) as CutFormula[];

/** CutMix's box around a centre, of 1 - lambda of the image's area, clipped to the image. It may have no pixels. */
export function cutBox(
  formula: CutFormula,
  { width, height }: Size,
  lambda: number,
  centre: { readonly x: number; readonly y: number },
): Box {
  const root = Math.sqrt(1 - lambda);
  const [left, right] = clipped(centre.x, reaches[formula](width, root), width);
  const [top, bottom] = clipped(centre.y, reaches[formula](height, root), height);
  return { left, top, width: right - left, height: bottom - top };
}

const clipped = (centre: number, [before, after]: readonly [number, number], side: number) =>
  [Math.max(0, centre - before), Math.min(side, centre + after)] as const;

/** CutMix: a centre anywhere, a share from Beta(alpha, alpha). */
export function drawCut(rng: Rng, size: Size, alpha: number, formula: CutFormula): RowMix | undefined {
  const lambda = drawBeta(rng, alpha);
  const centre = { x: rng.integer(size.width), y: rng.integer(size.height) };
  return mixedIn(cutBox(formula, size, lambda, centre), size);
}

/** A box anywhere within the image, each of its sides drawn within these shares of the image's. */
export function drawCutWithin(rng: Rng, size: Size, minmax: readonly [number, number]): RowMix | undefined {
  const [height, width] = [drawSide(rng, size.height, minmax), drawSide(rng, size.width, minmax)];
  const top = rng.integer(size.height - height + 1);
  const left = rng.integer(size.width - width + 1);
  return mixedIn({ left, top, width, height }, size);
}

/** Below the upper end, as timm's; the lower one where they are the same pixel, at which timm fails. */
function drawSide(rng: Rng, side: number, [low, high]: readonly [number, number]): number {
  const first = Math.floor(side * low);
  return first + rng.integer(Math.max(1, Math.floor(side * high) - first));
}

function mixedIn(box: Box, { width, height }: Size): RowMix | undefined {
  const area = box.width * box.height;
  return area === 0 ? undefined : { lambda: 1 - area / (width * height), box };
}
