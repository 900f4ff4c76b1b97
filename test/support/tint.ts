import { isMainThread } from 'node:worker_threads';
import { defineOperator } from 'millrace';
import { lut } from 'millrace/kernels';

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

/** Takes a long time for a few samples, as a large photograph among small ones does. */
export const slowAtTimes = defineOperator({
  name: 'slowAtTimes',
  module: import.meta.url,
  parameters: { milliseconds: { min: 0, max: 1000, unit: 'ms', default: 50 } },
  draw: ({ milliseconds }, rng) => ({ milliseconds: rng.chance(0.15) ? milliseconds : 0 }),
  lower({ milliseconds }) {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {}
    return [];
  },
});
