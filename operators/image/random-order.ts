import { defineCombinator } from '../combinator.ts';

/**
 * Applies all of the steps in an order that is drawn, each order as often: `randomOrder([brightness({ factor: 1.2 }), equalize()])`.
 *
 * image: u8 [h, w, 3], of the size that the steps give; where steps fix it, they must fix the same. torchvision's
 * RandomOrder.
 */
export const randomOrder = defineCombinator({
  name: 'randomOrder',
  module: import.meta.url,
  parameters: { steps: { type: 'steps' } },
  choose({ steps }, rng) {
    const order = [...steps.keys()];
    // Fisher and Yates
    for (let last = order.length - 1; last > 0; last--) {
      const other = rng.integer(last + 1);
      [order[last], order[other]] = [order[other] as number, order[last] as number];
    }
    return order;
  },
  endsWithAny: true,
});
