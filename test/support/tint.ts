import { isMainThread } from 'node:worker_threads';
import { lut } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../../operators/operator.ts';

/** A user's own operator, in a module of its own: adds a random amount to one channel. */
export const tint = defineOperator({
  name: 'tint',
  module: import.meta.url,
  parameters: { strength: { min: 0, max: 255, unit: 'levels', default: 40 } },
  draw: ({ strength }, rng) => ({ channel: rng.integer(3), amount: rng.uniform(0, strength) }),
  lower({ channel, amount }) {
    const tables = Uint8Array.from({ length: 768 }, (_, i) => {
      const value = i & 255;
      return i >> 8 === channel ? Math.min(255, value + Math.trunc(amount)) : value;
    });
    return [lut({ tables })];
  },
});

/** Ends its thread, as a crash in native code would. */
export const endThread = defineOperator({
  name: 'endThread',
  module: import.meta.url,
  parameters: {},
  lower: () => (isMainThread ? [] : process.exit(3)),
});
