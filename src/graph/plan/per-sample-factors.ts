import { type Lazy, multiply, one, overRows } from '../../../backends/tensor-kernels/lazy.ts';

/** A product of what is the same for all rows of a sample, and of what is not. */
export interface FactoredTerm {
  /** A lazy value with a row for each sample; undefined: 1. */
  readonly factor: Lazy | undefined;
  readonly rest: Lazy;
}

/**
 * A lazy value as a sum of products, with what is the same for all rows of a sample taken out: sums over rows of many such
 * products can then be taken before the factors are known.
 */
export function factored(lazy: Lazy): FactoredTerm[] {
  switch (lazy.kind) {
    case 'perSample':
      return [{ factor: lazy.of, rest: one }];
    case 'overRows':
      return factored(lazy.of).map(({ factor, rest }) =>
        factor === undefined ? { factor, rest: overRows(rest) } : { factor: overRows(factor), rest },
      );
    case 'add':
      return [...factored(lazy.of), ...factored(lazy.by)];
    case 'multiply':
      return factored(lazy.of).flatMap((a) => factored(lazy.by).map((b) => productOf(a, b)));
    default:
      return [{ factor: undefined, rest: lazy }];
  }
}

function productOf(a: FactoredTerm, b: FactoredTerm): FactoredTerm {
  const factor = a.factor && b.factor ? multiply(a.factor, b.factor) : (a.factor ?? b.factor);
  return { factor, rest: multiply(a.rest, b.rest) };
}
