import { readFileSync } from 'node:fs';
import type { Batch } from '../../src/core/batch.ts';
import { mixingOf } from '../../src/core/mixing.ts';
import type { TrainingSettings } from '../../src/core/trainer.ts';
import { blendedBy } from './blended-by.ts';
import { formulaImages } from './formula.ts';
import { several } from './several-labels.ts';
import type { TensorSummary } from './tensor-summary.ts';
import { makeBatch } from './trainers.ts';

/** What test/golden/make_steps_golden.py wrote: ten optimisation steps in PyTorch. */
interface StepsGolden {
  readonly model: { readonly width: number; readonly depth: number; readonly classes: number };
  readonly size: number;
  readonly rows: number;
  readonly steps: number;
  readonly runs: Readonly<Record<string, StepsRun>>;
}
interface StepsRun {
  readonly settings: TrainingSettings & { readonly learningRate: number; readonly microSteps: number };
  /** One a micro-step. */
  readonly losses: readonly number[];
  /** By how much each tensor differs from what it began as. */
  readonly changes: Readonly<Record<string, TensorSummary>>;
}

const read = (name: string): StepsGolden => JSON.parse(readFileSync(`test/golden/${name}.json`, 'utf8'));

export const stepsGolden: StepsGolden = read('steps');
/** The same runs in float64, from the same float32 weights and images. */
export const stepsGoldenFloat64: StepsGolden = read('steps-float64');

/** Images, labels and MixUp's partners and weight of a micro-step, by formula: the script makes the same. */
export function stepsBatch(index: number): Batch {
  const { model, rows, size } = stepsGolden;
  const labelsOf = (formula: (row: number) => number): Int32Array =>
    Int32Array.from({ length: rows }, (_, row) => formula(row) % model.classes);
  return makeBatch({
    images: formulaImages(`batch ${index}`, rows, size),
    shape: [rows, size, size, 3],
    labels: labelsOf((row) => index + row),
    mixing: blendedBy(
      1 - 0.05 * (index % 10),
      labelsOf((row) => 2 * index + 3 * row),
    ),
  });
}

interface BceRun extends Omit<StepsRun, 'settings'> {
  readonly settings: TrainingSettings & { readonly learningRate: number; readonly labels: 'one' | 'several' };
}

/** What test/golden/make_bce_golden.py wrote: steps of PyTorch by the binary cross-entropy. */
export const bceGolden: { readonly steps: number; readonly runs: Readonly<Record<string, BceRun>> } =
  JSON.parse(readFileSync('test/golden/bce.json', 'utf8'));

/** Images as those of `stepsBatch`, rows mixed with row XOR 1. The script makes the same. */
export function bceBatch(index: number, kind: 'one' | 'several'): Batch {
  const { model, rows, size } = stepsGolden;
  const lists = Array.from({ length: rows }, (_, row) =>
    kind === 'several' ? labelsOf(index, row) : [(index + row) % model.classes],
  );
  const labels = Int32Array.from(lists, ([first = -1]) => first);
  const lambda = 1 - 0.05 * (index % 10);
  return makeBatch({
    images: formulaImages(`batch ${index}`, rows, size),
    shape: [rows, size, size, 3],
    labels,
    ...(kind === 'several' && { multiLabels: several(lists) }),
    mixing: mixingOf(
      labels,
      lists.map(() => (lambda < 1 ? { lambda } : undefined)),
    ),
  });
}

/** None, one or several classes. */
const labelsOf = (index: number, row: number): number[] =>
  Array.from({ length: stepsGolden.model.classes }, (_, c) => c).filter(
    (c) => (3 * index + 5 * row + c * c + c * row) % 3 === 0 && row % 4 < 3,
  );
