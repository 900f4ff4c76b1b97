import { isDeepStrictEqual } from 'node:util';
import { outputSize } from '../../backends/kernels/kernel.ts';
import type { Drawn } from '../core/batch.ts';
import type { Size } from '../core/image.ts';
import type { ImageStep } from '../engine/plan/program.ts';
import type { Finding } from './finding.ts';

/** What depends on chance shows itself sooner or later. */
const LOWERINGS = 16;

/** The first operator that makes other kernel calls of the same draws when it is asked again. */
export function findUnstable(
  steps: readonly ImageStep[],
  drawn: readonly Drawn[],
  original: Size,
): Finding | undefined {
  let size = original;
  for (const [i, { operator }] of steps.entries()) {
    const values = drawn[i]?.values;
    for (const part of operator.parts?.(values) ?? [{ operator, drawn: values }]) {
      const lower = () => operator.lower(part.drawn, size);
      const calls = lower();
      const finding = otherCalls(part.operator.name, plain(calls), lower);
      if (finding !== undefined) return finding;
      size = calls.reduce((from, call) => outputSize(call, from), size);
    }
  }
  return undefined;
}

function otherCalls(
  operator: string,
  first: ReturnType<typeof plain>,
  lower: () => ReturnType<ImageStep['operator']['lower']>,
): Finding | undefined {
  for (let again = 1; again < LOWERINGS; again++) {
    const second = plain(lower());
    if (isDeepStrictEqual(first, second)) continue;
    const other = second.findIndex((call, at) => !isDeepStrictEqual(call, first[at]));
    const kernel = (second[other] ?? first.at(-1))?.kernel;
    const detail = 'gives other kernel calls each time for the same drawn values';
    return { stage: 'lower', operator, ...(kernel !== undefined && { kernel }), detail };
  }
  return undefined;
}

const plain = (calls: ReturnType<ImageStep['operator']['lower']>) =>
  calls.map(({ kernel, args }) => ({ kernel: kernel.name, args }));
