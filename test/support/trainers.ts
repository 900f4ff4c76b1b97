import type { Batch, Mixing } from '../../src/core/batch.ts';
import { toHalf } from '../../src/core/half.ts';
import { initialLossScale, lossScaleOf, lossScaleTensors, nextLossScale } from '../../src/core/loss-scale.ts';
import type { MultiLabels } from '../../src/core/multi-labels.ts';
import type { Trainer, TrainingSettings } from '../../src/core/trainer.ts';

/** Of SGD with label smoothing. */
export const trainingSettings: TrainingSettings = {
  optimizer: 'sgd',
  momentum: 0.9,
  weightDecay: 1e-4,
  rmspropAlpha: 0.9,
  rmspropEpsilon: 0.01,
  labelSmoothing: 0.1,
};

export interface BatchParts {
  /** [n, h, w, 3], or [n, 3, h, w] with layout 'nchw'. */
  readonly images: Float32Array;
  readonly shape: Batch['shape'];
  readonly labels: Int32Array;
  readonly multiLabels?: MultiLabels;
  readonly mixing?: Mixing;
  readonly dtype?: Batch['dtype'];
  readonly layout?: Batch['layout'];
}

/** A batch of given images and labels, its numbers rounded to float16 where that is the dtype. */
export function makeBatch({
  images,
  shape,
  labels,
  multiLabels,
  mixing,
  dtype = 'float32',
  layout = 'nhwc',
}: BatchParts): Batch {
  const elements = dtype === 'float16' ? Uint16Array.from(images, toHalf) : images;
  const batch: Batch = {
    images: elements,
    read: async () => elements,
    buffer: undefined,
    shape,
    dtype,
    layout,
    labels,
    ...(multiLabels && { multiLabels }),
    mixing,
    ids: Float64Array.from(labels, (_, row) => row),
    keys: [...labels].map((_, row) => `row ${row}`),
    epoch: 0,
    index: 0,
    isLastOfEpoch: false,
    drawn: undefined,
    substitutions: [],
    digest: undefined,
    rowDigests: undefined,
    release: () => {},
    copy: () => batch,
  };
  return batch;
}

/** A trainer whose only weight grows by one with each step. */
export function countingTrainer(start = 0, lossAt: (step: number) => number = () => 1): Trainer {
  let weight = start;
  return {
    name: 'counting',
    prepare: async () => {},
    trainStep: async (_, { step }) => {
      weight++;
      return { loss: lossAt(step) };
    },
    evaluateStep: async ({ labels }) => ({ lossSum: 1, top1: 1, top5: 2, rows: labels.length }),
    state: async () => ({ weights: { w: { shape: [1], data: Float32Array.of(weight) } }, optimizer: {} }),
    async load({ weights }) {
      weight = weights['w']?.data[0] as number;
    },
    close: async () => {},
  };
}

interface ScalingOptions {
  /** Whether a gradient of this step overflows at this scale. Default: never. */
  readonly overflows?: (step: number, scale: number) => boolean;
  readonly lossAt?: (step: number) => number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A counting trainer that has mixed precision too: an update that overflows is skipped, and its loss scale halved. */
export function scalingTrainer(options: ScalingOptions = {}): Trainer {
  const { overflows = () => false, lossAt, environment } = options;
  let counting = countingTrainer(0, lossAt);
  let growthInterval: number | undefined;
  let scaling = initialLossScale({ initial: 1 });
  let hasOverflown = false;
  return {
    ...counting,
    name: 'scaling',
    precisions: ['float32', 'mixed'],
    ...(environment && { environment }),
    prepare: async (_, { lossScaling }) => {
      counting = countingTrainer(0, lossAt);
      growthInterval = lossScaling?.growthInterval;
      if (lossScaling) scaling = initialLossScale(lossScaling);
    },
    trainStep: async (batch, step) => {
      if (growthInterval === undefined) return counting.trainStep(batch, step);
      hasOverflown ||= overflows(step.step, scaling.scale);
      const isSkipped = step.apply && hasOverflown;
      const { loss } = isSkipped ? { loss: lossAt?.(step.step) ?? 1 } : await counting.trainStep(batch, step);
      if (step.apply) {
        scaling = nextLossScale(scaling, hasOverflown, growthInterval);
        hasOverflown = false;
      }
      return { loss, lossScale: { scale: scaling.scale, skipped: scaling.skipped, isSkipped } };
    },
    state: async () => ({
      ...(await counting.state()),
      ...(growthInterval !== undefined && { lossScale: lossScaleTensors(scaling) }),
    }),
    async load(state) {
      await counting.load(state);
      scaling = lossScaleOf(state.lossScale ?? {}) ?? scaling;
    },
  };
}
