import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import type { NamedTensor, Trainer, TrainingSettings } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { formulaImages, formulaWeights } from '../support/formula.ts';
import { expectSummary, summarize, type TensorSummary } from '../support/tensor-summary.ts';
import { makeBatch } from '../support/trainers.ts';

/** What test/golden/make_steps_golden.py wrote: ten optimisation steps in PyTorch. */
interface StepsGolden {
  readonly model: { readonly width: number; readonly depth: number; readonly classes: number };
  readonly size: number;
  readonly rows: number;
  readonly steps: number;
  readonly runs: Readonly<Record<string, Run>>;
}
interface Run {
  readonly settings: TrainingSettings & { readonly learningRate: number; readonly microSteps: number };
  /** One a micro-step. */
  readonly losses: readonly number[];
  /** By how much each tensor differs from what it began as. */
  readonly changes: Readonly<Record<string, TensorSummary>>;
}

const golden: StepsGolden = JSON.parse(readFileSync('test/golden/steps.json', 'utf8'));
const { size, rows, steps } = golden;
const model = efficientNet({ ...golden.model, resolution: size, dropout: 0 });
const initial = formulaWeights(model);

describe('ten optimisation steps, beside PyTorch', () => {
  let trainer: Trainer<EfficientNet> | undefined;
  afterEach(() => trainer?.close());

  it.each(Object.entries(golden.runs))(
    'of %s have the same losses and reach the same weights',
    async (_, run) => {
      const { learningRate, microSteps, ...settings } = run.settings;
      trainer = createTrainer();
      await trainer.prepare(model, { precision: 'float32', seed: 0, settings });
      await trainer.load({ weights: initial, optimizer: {} });
      for (let step = 0; step < steps * microSteps; step++) {
        const apply = step % microSteps === microSteps - 1;
        const options = { learningRate, apply, lossScale: 1 / microSteps, step };
        const { loss } = await trainer.trainStep(batchAt(step), options);
        expect(Math.abs(loss - (run.losses[step] as number)), `loss of step ${step}`).toBeLessThan(2e-5);
      }
      const { weights } = await trainer.state();
      for (const [name, expected] of Object.entries(run.changes)) {
        const before = (initial[name] as NamedTensor).data;
        const change = (weights[name] as NamedTensor).data.map((value, i) => value - (before[i] as number));
        expectSummary(summarize(change), expected, name);
      }
    },
  );
});

/** Images, labels and MixUp's partners and weight, by formula: the script makes the same. */
function batchAt(index: number): Batch {
  const { classes } = golden.model;
  const labelsOf = (formula: (row: number) => number): Int32Array =>
    Int32Array.from({ length: rows }, (_, row) => formula(row) % classes);
  return makeBatch({
    images: formulaImages(`batch ${index}`, rows, size),
    shape: [rows, size, size, 3],
    labels: labelsOf((row) => index + row),
    mixing: { lambda: 1 - 0.05 * (index % 10), partnerLabels: labelsOf((row) => 2 * index + 3 * row) },
  });
}
