/** Elements from..to - 1 of a vector. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** One step of a sum over ranks: a rank and its peer share the elements that both have summed so far. */
export interface Halving {
  readonly peer: number;
  /** The elements whose sum this rank goes on with. */
  readonly keep: Range;
  /** Those that the peer goes on with. */
  readonly give: Range;
}

/**
 * How a rank adds up a vector with the others, a power of two of them. The nearest neighbour comes first, so each element is added
 * as a full binary tree over the ranks. In the end each rank has the sum of its share of the elements.
 */
export function halvings(rank: number, size: number, length: number): Halving[] {
  const steps: Halving[] = [];
  let [from, to] = [0, length];
  for (let bit = 1; bit < size; bit *= 2) {
    const middle = from + Math.ceil((to - from) / 2);
    const halves = [
      { from, to: middle },
      { from: middle, to },
    ] as const;
    const isUpper = (rank & bit) !== 0;
    const [keep, give] = isUpper ? [halves[1], halves[0]] : halves;
    steps.push({ peer: rank ^ bit, keep, give });
    ({ from, to } = keep);
  }
  return steps;
}
