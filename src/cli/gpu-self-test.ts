import { Gpu } from '../../backends/gpu/device/device.ts';
import { chooseTier } from '../../backends/gpu/tensors/choose-tier.ts';
import { reasonOf } from '../core/errors.ts';

/** How an adapter computes in a precision, by its self-test. */
export interface TestedPrecision {
  readonly precision: 'float32' | 'mixed';
  /** Undefined where it computes wrongly in every form. */
  readonly tier: string | undefined;
  /** What was wrong. */
  readonly refused: readonly string[];
}

/** Tests the adapter of the choice, in each precision of the trainer graph. */
export async function testAdapter(choice: string): Promise<TestedPrecision[]> {
  const results: TestedPrecision[] = [];
  for (const precision of ['float32', 'mixed'] as const) results.push(await testPrecision(choice, precision));
  return results;
}

async function testPrecision(choice: string, precision: 'float32' | 'mixed'): Promise<TestedPrecision> {
  try {
    const gpu = await Gpu.open(choice);
    try {
      const { name: tier, refused } = await chooseTier(gpu, precision === 'mixed');
      return { precision, tier, refused };
    } finally {
      gpu.close();
    }
  } catch (error) {
    return { precision, tier: undefined, refused: [reasonOf(error)] };
  }
}

export const describeTests = (tests: readonly TestedPrecision[]): string[] =>
  tests.flatMap(({ precision, tier, refused }) => [
    `self-test: precision ${precision}: ${tier ?? 'cannot be used'}`,
    ...refused.map((reason) => `  ${reason}`),
  ]);
