import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../src/core/trainer.ts';
import type { EfficientNet } from '../../../src/models/efficientnet.ts';
import { createTrainer as createGraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { createTrainer as createTfjsTrainer } from '../../../src/trainers/tfjs/tfjs-trainer.ts';
import { itOnGpu, useOpenGpu } from '../../support/gpu.ts';
import { distances, type ModelCase, modelCase, opinionOf } from '../../support/random-models.ts';

useOpenGpu();

describe('a training of a random small model by the graph on the CPU', () => {
  it('agrees with tfjs', () => assertAgreement(() => createTfjsTrainer(), 12));

  // other margins are other shaders, which take long to compile: padding.test.ts has a model with some
  const padded = modelCase.map((one) => ({ ...one, padding: 'torch' as const }));
  itOnGpu('agrees with a GPU', () => assertAgreement(() => createGraphTrainer({ device: 'gpu' }), 5, padded));
});

const onCpu = (one: ModelCase, nudge?: number) =>
  opinionOf(createGraphTrainer({ device: 'cpu', threads: 2 }), one, nudge);

/** What rounding may do to a weight. */
const ROUNDING = 1e-6;

const assertAgreement = (
  create: () => Trainer<EfficientNet>,
  numRuns: number,
  cases: fc.Arbitrary<ModelCase> = modelCase,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const actual = await onCpu(one);
      // a batch norm of values that hardly differ makes much of rounding: such a case can tell nothing
      const noise = distances(await onCpu(one, ROUNDING), actual);
      fc.pre(Math.max(...noise.values()) < 1);
      const far = [...distances(actual, await opinionOf(create(), one))];
      expect(far.filter(([, distance]) => !(distance < 1))).toEqual([]);
    }),
    // what fails is small already
    { numRuns, endOnFailure: true },
  );
