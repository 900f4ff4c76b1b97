// The operator of own-operator.js. It stands in a module of its own, since worker threads import it from there.
import { defineOperator } from 'millrace';
import { lut } from 'millrace/kernels';

/** Adds up to `strength` levels to one channel, chosen at random. */
export const tint = defineOperator({
  name: 'tint', // the name it is exported under
  module: import.meta.url,
  parameters: { strength: { min: 0, max: 255, unit: 'levels', default: 40 } },
  // plain numbers, from the sample's own generator: never Math.random
  draw: ({ strength }, rng) => ({ channel: rng.integer(3), amount: Math.floor(rng.uniform(0, strength)) }),
  // for people: the captions of `millrace preview`
  describe: ({ channel, amount }) => [`${['red', 'green', 'blue'][channel]} +${amount}`],
  // three tables of 256 entries: R, G, B
  lower: ({ channel, amount }) => [
    lut({
      tables: Uint8Array.from({ length: 768 }, (_, i) =>
        i >> 8 === channel ? Math.min(255, (i & 255) + amount) : i & 255,
      ),
    }),
  ],
});
