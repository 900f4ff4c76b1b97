import type { Tensor } from '@tensorflow/tfjs';
import type { NamedTensor, TensorMap } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { type ModelTensor, parametersOf, sizeOf } from '../../models/parameters.ts';
import { fromTfjs, toTfjs } from './layout.ts';
import type { Tf } from './tf.ts';

/** The weights and running statistics of a model as tensors of tfjs. */
export class ParameterStore {
  readonly trainable: readonly string[];
  /** Running statistics. */
  readonly running: readonly string[];
  readonly #tf: Tf;
  readonly #parameters: ReadonlyMap<string, ModelTensor>;
  readonly #initial: () => TensorMap;
  readonly #tensors = new Map<string, Tensor>();

  /** `initial` is asked when weights are needed and none were loaded: drawing those of a large model takes seconds. */
  constructor(tf: Tf, model: EfficientNet, initial: () => TensorMap) {
    const parameters = parametersOf(model);
    this.#tf = tf;
    this.#initial = initial;
    this.#parameters = new Map(parameters.map((parameter) => [parameter.name, parameter]));
    this.trainable = parameters.filter((parameter) => parameter.trainable).map(({ name }) => name);
    this.running = parameters.filter((parameter) => !parameter.trainable).map(({ name }) => name);
  }

  get tensors(): ReadonlyMap<string, Tensor> {
    if (this.#tensors.size === 0) this.load(this.#initial());
    return this.#tensors;
  }

  sizeOf(name: string): number {
    return sizeOf((this.#parameters.get(name) as ModelTensor).shape);
  }

  /** Takes a tensor, which is the store's from here on, in place of the one it has. */
  replace(name: string, tensor: Tensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, this.#tf.keep(tensor));
  }

  /** Replaces all weights by those of a checked state. */
  load(weights: TensorMap): void {
    for (const name of this.#parameters.keys())
      this.replace(name, this.upload(name, weights[name] as NamedTensor));
  }

  async save(): Promise<TensorMap> {
    const entries = [...this.tensors].map(async ([name, tensor]) => [
      name,
      await this.download(name, tensor),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** A tensor shaped as the parameter, from values in PyTorch's layout. */
  upload(name: string, { data: values }: NamedTensor): Tensor {
    const { shape, data } = toTfjs(this.#parameters.get(name) as ModelTensor, values);
    // a copy: where nothing was reordered, a backend may keep the array itself
    return this.#tf.tensor(data.slice(), shape, 'float32');
  }

  /** Values of a tensor shaped as the parameter, in PyTorch's layout. */
  async download(name: string, tensor: Tensor): Promise<NamedTensor> {
    const parameter = this.#parameters.get(name) as ModelTensor;
    const values = await tensor.data<'float32'>();
    return { shape: parameter.shape, data: fromTfjs(parameter, values.slice()) };
  }

  close(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}
