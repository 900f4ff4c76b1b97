import { lut } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../../operators/operator.ts';

const brighter = (amount: number) => [
  lut({ tables: Uint8Array.from({ length: 768 }, (_, i) => Math.min(255, (i & 255) + amount)) }),
];

let calls = 0;

/** Breaks the rule: draws something else each time. */
export const unsteadyDraw = defineOperator({
  name: 'unsteadyDraw',
  module: import.meta.url,
  parameters: {},
  draw: () => ({ amount: calls++ }),
  lower: ({ amount }) => brighter(amount & 7),
});

/** Breaks the rule where no draw tells of it: what is drawn is the same, what is made of it is not. */
export const unsteadyLower = defineOperator({
  name: 'unsteadyLower',
  module: import.meta.url,
  parameters: {},
  lower: () => brighter(++calls & 255),
});
