import { isMainThread, threadId } from 'node:worker_threads';
import { lut } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../../operators/operator.ts';

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
