import type { Batch, Mixing } from '../../src/core/batch.ts';
import { toHalf } from '../../src/core/half.ts';
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
  readonly mixing?: Mixing;
  readonly dtype?: Batch['dtype'];
  readonly layout?: Batch['layout'];
}

/** A batch of given images and labels, its numbers rounded to float16 where that is the dtype. */
export function makeBatch({
  images,
  shape,
  labels,
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
