import type { NodeKind } from '../node.ts';

/** The gradient where rounding met no limit, else 0. Inputs: the output's gradient, the input. The name is the point's. */
export const quantizeGradient: NodeKind<object> = { name: 'quantizeGradient', shape: ([, x = []]) => x };

/**
 * Rounded to one of the integers of a point's range, times its scale. Its name is the point's. The gradient goes straight
 * through, as if nothing were rounded, but for what lies beyond the range.
 */
export const quantize: NodeKind<object> = {
  name: 'quantize',
  shape: ([x = []]) => x,
  derivative: ({ name, inputs: [x] }, gradient, graph) => [
    x && graph.add(quantizeGradient, name, [gradient, x], {}),
  ],
};
