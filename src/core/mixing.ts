import type { Mixing } from './batch.ts';
import { ParameterError } from './errors.ts';
import type { Box } from './image.ts';

/** How a row is mixed with its partner, row i XOR 1. */
export interface RowMix {
  /** The row's own share, 0..1. */
  readonly lambda: number;
  /** Where the partner's pixels stand; left out: the two images are blended. */
  readonly box?: Box;
}

type Shares = Omit<Mixing, 'lambda'>;

/** A property of all mixings and not of each: what copies a mixing, or sends it, asks for no share that its rows have not in common. */
const withLambda = {
  get lambda() {
    const { weights, partnerRows } = this as unknown as Shares;
    const mixed = weights.filter((_, row) => partnerRows[row] !== row);
    const [first = 1] = mixed;
    const other = mixed.find((weight) => weight !== first);
    if (other === undefined) return first;
    throw new ParameterError(
      'NO_COMMON_LAMBDA',
      `rows of this batch have different shares (${first}, ${other}): read mixing.weights instead of mixing.lambda`,
    );
  },
};

/** Of a batch, from what its rows' are. */
export const makeMixing = (shares: Shares): Mixing => Object.assign(Object.create(withLambda), shares);

/** Of rows that are mixed, each with row XOR 1, where they are. */
export function mixingOf(labels: Int32Array, mixes: readonly (RowMix | undefined)[]): Mixing {
  const boxes = mixes.some((mix) => mix?.box !== undefined) && new Int32Array(4 * mixes.length);
  if (boxes)
    for (const [row, mix] of mixes.entries())
      if (mix?.box !== undefined) boxes.set(corners(mix.box), 4 * row);
  const partnerRows = Int32Array.from(mixes, (mix, row) => (mix === undefined ? row : row ^ 1));
  return makeMixing({
    partnerRows,
    partnerLabels: Int32Array.from(partnerRows, (partner) => labels[partner] as number),
    weights: Float64Array.from(mixes, (mix) => mix?.lambda ?? 1),
    ...(boxes && { boxes }),
  });
}

/** A box as four numbers. */
export const corners = ({ left, top, width, height }: Box): number[] => [left, top, width, height];

/** How a row is mixed; undefined where it is not. */
export function mixOf({ partnerRows, weights, boxes }: Mixing, row: number): RowMix | undefined {
  if (partnerRows[row] === row) return undefined;
  const [left = 0, top = 0, width = 0, height = 0] = boxes?.subarray(4 * row, 4 * row + 4) ?? [];
  return { lambda: weights[row] as number, ...(width > 0 && { box: { left, top, width, height } }) };
}

/** Of rows [first, last), whose partners are among them. */
export const mixingOfRows = (
  { partnerRows, partnerLabels, weights, boxes }: Mixing,
  first: number,
  last: number,
): Mixing =>
  makeMixing({
    partnerRows: partnerRows.subarray(first, last).map((partner) => partner - first),
    partnerLabels: partnerLabels.subarray(first, last),
    weights: weights.subarray(first, last),
    ...(boxes && { boxes: boxes.subarray(4 * first, 4 * last) }),
  });

/** Of the rows of several batches, one after the other. */
export function joinedMixing(parts: readonly Shares[]): Mixing {
  const firsts: number[] = [0];
  for (const { weights } of parts) firsts.push((firsts.at(-1) as number) + weights.length);
  const isBoxed = parts.some(({ boxes }) => boxes !== undefined);
  return makeMixing({
    partnerRows: Int32Array.from(
      parts.flatMap((part, i) => [...part.partnerRows].map((row) => row + (firsts[i] as number))),
    ),
    partnerLabels: Int32Array.from(parts.flatMap((part) => [...part.partnerLabels])),
    weights: Float64Array.from(parts.flatMap((part) => [...part.weights])),
    ...(isBoxed && {
      boxes: Int32Array.from(
        parts.flatMap(({ boxes, weights }) => [...(boxes ?? new Int32Array(4 * weights.length))]),
      ),
    }),
  });
}
