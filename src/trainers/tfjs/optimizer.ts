import type { Tensor } from '@tensorflow/tfjs';
import { optimizerMemories, type TrainingSettings } from '../../core/trainer.ts';
import { isDecayed } from '../../models/parameters.ts';
import { checkOptimizer } from '../recipe/optimizer-checks.ts';
import type { Updated } from './operations.ts';
import type { Tensorflow } from './tensorflow.ts';

/** SGD with momentum or RMSprop, and the tensors it remembers. Batch norm's parameters are not decayed. */
export class Optimizer {
  readonly #tensorflow: Tensorflow;
  readonly #settings: TrainingSettings;
  /** By `<memory>.<parameter>`. */
  readonly #state = new Map<string, Tensor>();

  constructor(tensorflow: Tensorflow, settings: TrainingSettings) {
    checkOptimizer(settings);
    this.#tensorflow = tensorflow;
    this.#settings = settings;
  }

  /** What is remembered of each parameter. */
  get memories(): readonly string[] {
    return optimizerMemories[this.#settings.optimizer];
  }

  get state(): ReadonlyMap<string, Tensor> {
    return this.#state;
  }

  /** Takes a tensor, which is the optimiser's from here on, as `<memory>.<parameter>`. */
  remember(key: string, tensor: Tensor): void {
    this.#state.get(key)?.dispose();
    this.#state.set(key, this.#tensorflow.tf.keep(tensor));
  }

  /** The parameter after a step; the caller keeps it. To be called in a tidy. */
  update(name: string, weight: Tensor, gradient: Tensor, learningRate: number): Tensor {
    const { optimizer, momentum, nesterov, weightDecay, rmspropAlpha, rmspropEpsilon } = this.#settings;
    const { operations } = this.#tensorflow;
    const rule = { learningRate, momentum, weightDecay: isDecayed(name, this.#settings) ? weightDecay : 0 };
    const buffer = this.#recall(`momentum_buffer.${name}`, weight);
    let updated: Updated;
    if (optimizer === 'sgd') {
      updated = operations.sgd(weight, gradient, buffer, { ...rule, nesterov: nesterov ?? false });
    } else {
      const square = this.#recall(`square_avg.${name}`, weight);
      const rmspropRule = { ...rule, alpha: rmspropAlpha, epsilon: rmspropEpsilon };
      const result = operations.rmsprop(weight, gradient, buffer, square, rmspropRule);
      this.remember(`square_avg.${name}`, result.square);
      updated = result;
    }
    this.remember(`momentum_buffer.${name}`, updated.buffer);
    return updated.weight;
  }

  close(): void {
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
  }

  #recall(key: string, { shape }: Tensor): Tensor {
    return this.#state.get(key) ?? this.#tensorflow.tf.zeros(shape);
  }
}
