import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { weightedCrossEntropy } from '../../backends/tensor-kernels/weighted-cross-entropy/weighted-cross-entropy.ts';
import { images } from '../../src/datasets/memory/images.ts';
import { targetsOf } from '../../src/trainers/recipe/batch-input.ts';
import { withClassWeights } from '../../src/training/class-weights.ts';
import { blendedBy } from '../support/blended-by.ts';
import { makeBatch, trainingSettings } from '../support/trainers.ts';

interface Case {
  readonly smoothing: number;
  readonly mixed: boolean;
  readonly weights: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly partners: readonly number[];
  readonly shares: readonly number[];
  readonly loss: number;
  readonly gradient: readonly (readonly number[])[];
  readonly hard: number | null;
}

/** What test/golden/make_class_weights_golden.py wrote, by PyTorch in float64 and scikit-learn. */
const golden: {
  readonly cases: Readonly<Record<string, Case>>;
  readonly balanced: { readonly labels: readonly number[]; classes: number[]; weights: number[] };
} = JSON.parse(readFileSync('test/golden/class-weights.json', 'utf8'));

const [classes, c4] = [5, 2];
const padded = (rows: readonly (readonly number[])[]) =>
  Float64Array.from(rows.flatMap((row) => [...row, ...Array(4 * c4 - classes).fill(0)]));

function computed({ smoothing, mixed, weights, logits, labels, partners, shares }: Case) {
  const batch = makeBatch({
    ...{ images: new Float32Array(3 * labels.length), shape: [labels.length, 1, 1, 3] },
    labels: Int32Array.from(labels),
    ...(mixed && { mixing: blendedBy([...shares], Int32Array.from(partners)) }),
  });
  const settings = { ...trainingSettings, labelSmoothing: smoothing, classWeights: weights };
  const targets = [...targetsOf(batch, classes, settings)];
  const operands = {
    logits: padded(logits),
    targets: padded(labels.map((_, row) => targets.slice(row * classes, (row + 1) * classes))),
    ...{ state: Float64Array.of(1), losses: new Float64Array(labels.length) },
    gradient: new Float64Array(labels.length * 4 * c4),
  };
  weightedCrossEntropy.reference(operands, { rows: labels.length, classes, c4, lossFactor: 1 });
  return operands;
}

describe('the loss with weights of classes is PyTorch’s', () => {
  it.each(Object.entries(golden.cases))('mean over rows, and its gradient: %s', (_, one) => {
    const { losses, gradient } = computed(one);
    // targets are float32
    expect(losses.reduce((sum, loss) => sum + loss, 0) / losses.length).toBeCloseTo(one.loss, 5);
    for (const [i, expected] of padded(one.gradient).entries()) expect(gradient[i]).toBeCloseTo(expected, 6);
  });

  it('of hard labels by another divisor: theirs is the sum of the labels’ weights', () => {
    const hard = Object.values(golden.cases).filter(({ mixed }) => !mixed);
    expect(hard).toHaveLength(2);
    for (const one of hard) {
      const { losses } = computed(one);
      const weights = one.labels.reduce((sum, label) => sum + (one.weights[label] as number), 0);
      expect(losses.reduce((sum, loss) => sum + loss, 0) / weights).toBeCloseTo(one.hard as number, 5);
    }
  });
});

it('balanced weights are scikit-learn’s, and 1 of a class without images', () => {
  const { labels, classes, weights } = golden.balanced;
  const image = { data: new Uint8Array(3), width: 1, height: 1 };
  const data = images(
    labels.map((label) => ({ image, label })),
    { classes: ['a', 'b', 'c', 'd'] },
  );
  const settings = { classWeights: 'balanced', optimizer: trainingSettings, stream: {} } as const;
  const { classWeights = [] } = withClassWeights(settings, data, 5);
  for (const [c, weight] of classWeights.entries())
    expect(weight).toBeCloseTo(weights[classes.indexOf(c)] ?? 1, 12);
  expect(classWeights).toHaveLength(5);
});
