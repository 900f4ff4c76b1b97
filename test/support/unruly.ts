import { isMainThread, threadId } from 'node:worker_threads';
import { lut } from '../../backends/kernels/lut/lut.ts';
import { type BatchOperator, defineBatchOperator, defineOperator } from '../../operators/operator.ts';

/** Operators that are not what operators must be: the same for the same sample. All brighten by a few levels. */

const brighten = (levels: number) => [
  lut({ tables: Uint8Array.from({ length: 768 }, (_, i) => Math.min(255, (i & 255) + Math.floor(levels))) }),
];

export const drawsByChance = defineOperator({
  name: 'drawsByChance',
  module: import.meta.url,
  parameters: {},
  draw: () => ({ levels: Math.random() * 100 }),
  lower: ({ levels }) => brighten(levels),
});

export const lowersByChance = defineOperator({
  name: 'lowersByChance',
  module: import.meta.url,
  parameters: {},
  lower: () => brighten(Math.random() * 100),
});

let count = 0;

/** Depends on how many samples its thread has had. */
export const counts = defineOperator({
  name: 'counts',
  module: import.meta.url,
  parameters: {},
  draw: () => ({ levels: count++ % 100 }),
  lower: ({ levels }) => brighten(levels),
});

/** Depends on which thread it runs on: on one alone it is the same each time. */
export const knowsItsThread = defineOperator({
  name: 'knowsItsThread',
  module: import.meta.url,
  parameters: {},
  lower: () => brighten(isMainThread ? 0 : 1 + (threadId % 99)),
});

/** Depends on a variable of the environment: the same each time until somebody changes it. */
export const readsEnvironment = defineOperator({
  name: 'readsEnvironment',
  module: import.meta.url,
  parameters: {},
  lower: () => brighten(Number(process.env['MILLRACE_TEST_LEVELS'] ?? 0)),
});

const levels = { levels: { min: 0, max: 100, unit: 'levels', default: 3 } } as const;

/** `draw` is to give plain data: neither this, nor what it is in the hands of `lower`, would cross to another thread. */
export const drawsPromise = defineOperator({
  name: 'drawsPromise',
  module: import.meta.url,
  parameters: {},
  draw: async () => ({ levels: 3 }),
  lower: (drawn) => brighten((drawn as unknown as { levels: number }).levels),
});

export const drawsFunction = defineOperator({
  name: 'drawsFunction',
  module: import.meta.url,
  parameters: {},
  draw: () => ({ amount: { levels: () => 3 } }),
  lower: ({ amount }) => brighten(amount.levels()),
});

/** A function body without `return`. */
export const drawsNothing = defineOperator({
  name: 'drawsNothing',
  module: import.meta.url,
  parameters: levels,
  draw: () => undefined as never,
  lower: (drawn: { levels: number }) => brighten(drawn.levels),
});

export const changesParameters = defineOperator({
  name: 'changesParameters',
  module: import.meta.url,
  parameters: levels,
  draw: (parameters) => ({ levels: (parameters as { levels: number }).levels++ }),
  lower: (drawn) => brighten(drawn.levels),
});

export const changesDrawn = defineOperator({
  name: 'changesDrawn',
  module: import.meta.url,
  parameters: {},
  draw: (_, rng) => ({ levels: rng.integer(9) }),
  lower: (drawn) => brighten(drawn.levels++),
});

export const changesSize = defineOperator({
  name: 'changesSize',
  module: import.meta.url,
  parameters: {},
  draw: (_, _rng, size) => ({ levels: --(size as { width: number }).width }),
  lower: (drawn) => brighten(drawn.levels),
});

/** What `isOn && call` leaves behind. */
export const givesFalse = defineOperator({
  name: 'givesFalse',
  module: import.meta.url,
  parameters: {},
  lower: () => [false] as never,
});

/** Depends on how many batches this process has had. */
export const countsBatches = defineBatchOperator('alpha', {
  name: 'countsBatches',
  module: import.meta.url,
  phase: 'batch',
  parameters: { alpha: { min: 0, max: 1, unit: 'share' } },
  draw: () => ({ lambda: (count++ % 100) / 100 }),
});

export const mixesTooMuch = defineBatchOperator('alpha', {
  name: 'mixesTooMuch',
  module: import.meta.url,
  phase: 'batch',
  parameters: { alpha: { min: 0, max: 9, unit: 'times' } },
  draw: ({ alpha }) => ({ lambda: alpha }),
});

export const mixesNothing = defineBatchOperator('alpha', {
  name: 'mixesNothing',
  module: import.meta.url,
  phase: 'batch',
  parameters: { alpha: { min: 0, max: 1, unit: 'share' } },
  draw: () => ({}) as never,
});

/** An operator on batches that does these its own way. */
export const mixesBy = (
  more: Partial<Pick<BatchOperator<Record<string, never>>, 'draw' | 'unit' | 'blends'>>,
) =>
  defineBatchOperator('alpha', {
    ...{ name: 'mixesBy', module: import.meta.url, phase: 'batch' },
    parameters: { alpha: { min: 0, max: 1, unit: 'share', default: 0 } },
    draw: () => ({ lambda: 0.5 }),
    ...more,
  })();

export const failsToMix = defineBatchOperator('alpha', {
  name: 'failsToMix',
  module: import.meta.url,
  phase: 'batch',
  parameters: { alpha: { min: 0, max: 1, unit: 'share' } },
  draw: () => {
    throw new RangeError('no such table');
  },
});
