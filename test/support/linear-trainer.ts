import type { Batch } from '../../src/core/batch.ts';
import { fromHalf } from '../../src/core/half.ts';
import { randomFor } from '../../src/core/random.ts';
import type { Contribution, PartOptions, Trainer, TrainStepOptions } from '../../src/core/trainer.ts';

const WEIGHTS = 8;

/** What a test may have otherwise. */
interface LinearOptions {
  /** Told of each part that is computed: its place, and which stretches are final early. */
  readonly onPart?: (options: PartOptions) => void;
  /** Stretches that it tells of, in this order. */
  readonly stretches?: readonly (readonly [from: number, to: number])[];
  /** Place of a part's first row, as the trainer takes it. */
  readonly firstRowOf?: (options: PartOptions) => number;
  /** Values that it adds to a vector. */
  readonly more?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A linear model of a row's pixels, by SGD with momentum, whose every row drops other pixels. Its steps depend on each row, on its
 * place, and on the order of additions. Vectors are its gradients, and the loss.
 */
export function linearTrainer(more: LinearOptions = {}): Trainer {
  const stretches = more.stretches ?? [
    [4, WEIGHTS],
    [0, 3],
  ];
  let weights = Float32Array.from({ length: WEIGHTS }, (_, i) => Math.fround(0.1 * (i - 3)));
  let momentum = new Float32Array(WEIGHTS);
  let gradients = new Float32Array(WEIGHTS);
  const vector = new Float32Array(WEIGHTS + 1 + (more.more ?? 0));

  /** Into the vector: gradients and mean loss of these rows. */
  async function compute(part: Batch, options: TrainStepOptions, firstRow: number): Promise<Float32Array> {
    const rows = part.labels.length;
    const losses = new Float32Array(rows);
    vector.fill(0);
    for (const [row, label] of part.labels.entries()) {
      const pixels = await pixelsOf(part, row, options.step, firstRow);
      const error = pixels.reduce((sum, pixel, i) => sum + pixel * (weights[i] as number), -label);
      losses[row] = error * error;
      for (const [i, pixel] of pixels.entries())
        vector[i] = (vector[i] as number) + (2 * error * pixel * options.lossScale) / rows;
      vector[WEIGHTS] = (vector[WEIGHTS] as number) + (losses[row] as number) / rows;
    }
    return losses;
  }

  function update({ apply, learningRate }: TrainStepOptions, sum: Float32Array, parts: number): number {
    for (let i = 0; i < WEIGHTS; i++) gradients[i] = (gradients[i] as number) + (sum[i] as number) / parts;
    if (apply) {
      for (let i = 0; i < WEIGHTS; i++) {
        momentum[i] = 0.9 * (momentum[i] as number) + (gradients[i] as number);
        weights[i] = (weights[i] as number) - learningRate * (momentum[i] as number);
      }
      gradients.fill(0);
    }
    return (sum[WEIGHTS] as number) / parts;
  }

  const tensor = (data: Float32Array) => ({ shape: [WEIGHTS], data: data.slice() });
  return {
    name: 'linear',
    givesLosses: true,
    ...(more.environment && { environment: more.environment }),
    prepare: async () => {},
    async trainStep(batch, options) {
      const losses = await compute(batch, options, 0);
      return { loss: update(options, vector, 1), ...(options.losses && { losses }) };
    },
    async contribution(part, options): Promise<Contribution> {
      more.onPart?.(options);
      const losses = await compute(part, options, more.firstRowOf?.(options) ?? options.firstRow);
      for (const [from, to] of stretches) {
        options.onReady?.(vector, from, to);
        await new Promise(setImmediate);
      }
      return { vector, ...(options.losses && { losses }) };
    },
    applySum: async (sum, options) => ({ loss: update(options, sum, options.parts) }),
    evaluateStep: async ({ labels }) => ({ lossSum: 1, top1: 1, top5: 1, rows: labels.length }),
    state: async () => ({
      weights: { w: tensor(weights) },
      optimizer: { 'w.momentum_buffer': tensor(momentum) },
      gradients: { w: tensor(gradients) },
    }),
    async load(state) {
      weights = state.weights['w']?.data.slice() as Float32Array<ArrayBuffer>;
      momentum = (state.optimizer['w.momentum_buffer']?.data ?? momentum).slice() as typeof momentum;
      gradients = (state.gradients?.['w']?.data ?? new Float32Array(WEIGHTS)).slice() as typeof gradients;
    },
    close: async () => {},
  };
}

/** So many pixels of a row, half of which are dropped by its place in the step. */
async function pixelsOf(part: Batch, row: number, step: number, firstRow: number): Promise<number[]> {
  const values = await part.read();
  const length = values.length / part.labels.length;
  const rng = randomFor(7, 0, step, firstRow + row, 'dropout');
  return Array.from({ length: WEIGHTS }, (_, i) => {
    const value = values[row * length + i * 5] as number;
    const pixel = values instanceof Uint16Array ? fromHalf(value) : value;
    return rng.uniform() < 0.5 ? 0 : pixel;
  });
}
