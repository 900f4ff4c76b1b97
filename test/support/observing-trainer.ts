import { fromHalf } from '../../src/core/half.ts';
import type { PrepareOptions, TensorMap, Trainer, TrainStepOptions } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { initialWeights } from '../../src/models/parameters.ts';

/** A trainer that can quantise, and remembers what it was asked for. It learns nothing. */
export interface ObservingTrainer extends Trainer<EfficientNet> {
  readonly prepared: PrepareOptions[];
  readonly steps: TrainStepOptions[];
  /** Ranges in use. */
  readonly quant: () => TensorMap | undefined;
  readonly observed: () => number;
}

/** @param valueAt what a point's value is, of a pixel's */
export function observingTrainer(
  valueAt: (point: string, pixel: number) => number = (_, pixel) => pixel,
): ObservingTrainer {
  const prepared: PrepareOptions[] = [];
  const steps: TrainStepOptions[] = [];
  let observed = 0;
  let weights: TensorMap = {};
  let quant: TensorMap | undefined;
  return {
    ...{ name: 'observing', prepared, steps, quant: () => quant, observed: () => observed },
    async prepare(model, options) {
      prepared.push(options);
      weights = initialWeights(model, options.seed);
      quant = undefined;
    },
    async trainStep(_, options) {
      steps.push(options);
      return { loss: 1 };
    },
    // in int8 it guesses less
    evaluateStep: async ({ labels }) => ({
      ...{ lossSum: labels.length, top5: labels.length, rows: labels.length },
      top1: prepared.at(-1)?.quantization === undefined ? labels.length : labels.length / 2,
    }),
    predict: async ({ labels }) => new Float32Array(labels.length * 2),
    async observe(batch, points, hear) {
      observed++;
      const images = await batch.read();
      const pixels = Float32Array.from(images, (value) =>
        batch.dtype === 'float16' ? fromHalf(value) : value,
      );
      for (const point of points) {
        // in two pieces, as the contract allows
        const values = pixels.map((pixel) => valueAt(point, pixel));
        hear(point, values.subarray(0, 7));
        hear(point, values.subarray(7));
      }
    },
    state: async () => ({ weights, optimizer: {}, ...(quant && { quant }) }),
    async load(state) {
      weights = state.weights;
      quant = state.quant;
    },
    close: async () => {},
  };
}
