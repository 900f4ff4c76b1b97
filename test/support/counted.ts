import { defineKernel, u32 } from '../../backends/kernels/kernel.ts';
import { defineOperator } from '../../operators/operator.ts';

/** How often `counted` was lowered, its kernel was asked to fuse two calls, and its kernel was run. */
export const counts = { lowered: 0, fusings: 0, runs: 0 };

/** Changes nothing; two calls of the same kind can be fused. Has neither WASM nor WGSL. */
const countedKernel = defineKernel({
  name: 'counted',
  layout: { kind: u32 },
  fuse(first, second) {
    counts.fusings++;
    return first.kind === second.kind ? first : undefined;
  },
  reference(_args, { data }, output) {
    counts.runs++;
    output.set(data);
  },
});

/** Lowers to three calls, of which the first two can be fused. */
export const counted = defineOperator({
  name: 'counted',
  module: import.meta.url,
  parameters: {},
  lower() {
    counts.lowered++;
    return [1, 1, 2].map((kind) => countedKernel({ kind }));
  },
});
