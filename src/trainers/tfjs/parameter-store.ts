import type { Tensor } from '@tensorflow/tfjs';
import { TrainerError } from '../../core/errors.ts';
import type { NamedTensor, TensorMap } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { type ModelTensor, parametersOf } from '../../models/parameters.ts';
import { fromTfjs, toTfjs } from './layout.ts';
import type { Tf } from './tf.ts';

/** The weights and running statistics of a model as tensors of tfjs. */
export class ParameterStore {
  readonly trainable: readonly string[];
  readonly #tf: Tf;
  readonly #model: EfficientNet;
  readonly #parameters: ReadonlyMap<string, ModelTensor>;
  readonly #initial: () => TensorMap;
  readonly #tensors = new Map<string, Tensor>();

  /** `initial` is asked when weights are needed and none were loaded: drawing those of a large model takes seconds. */
  constructor(tf: Tf, model: EfficientNet, initial: () => TensorMap) {
    const parameters = parametersOf(model);
    this.#tf = tf;
    this.#model = model;
    this.#initial = initial;
    this.#parameters = new Map(parameters.map((parameter) => [parameter.name, parameter]));
    this.trainable = parameters.filter((parameter) => parameter.trainable).map(({ name }) => name);
  }

  get tensors(): ReadonlyMap<string, Tensor> {
    if (this.#tensors.size === 0) this.load(this.#initial());
    return this.#tensors;
  }

  /** Takes a tensor, which is the store's from here on, in place of the one it has. */
  replace(name: string, tensor: Tensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, this.#tf.keep(tensor));
  }

  /** Replaces all weights. Nothing changes where one is missing, unknown or of another shape. */
  load(weights: TensorMap): void {
    this.checkAll(weights);
    for (const name of this.#parameters.keys()) this.replace(name, this.upload(name, weights[name]));
  }

  async save(): Promise<TensorMap> {
    const entries = [...this.tensors].map(async ([name, tensor]) => [
      name,
      await this.download(name, tensor),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** A tensor shaped as the parameter, from values in PyTorch's layout. */
  upload(name: string, given: NamedTensor | undefined): Tensor {
    const { parameter, values } = this.check(name, given);
    const { shape, data } = toTfjs(parameter, values);
    // a copy: where nothing was reordered, a backend may keep the array itself
    return this.#tf.tensor(data.slice(), shape, 'float32');
  }

  /** Values of a tensor shaped as the parameter, in PyTorch's layout. */
  async download(name: string, tensor: Tensor): Promise<NamedTensor> {
    const parameter = this.#parameters.get(name) as ModelTensor;
    const values = await tensor.data<'float32'>();
    return { shape: parameter.shape, data: fromTfjs(parameter, values.slice()) };
  }

  /** That these are tensors of the model's parameters, all of them and no others. */
  checkAll(weights: TensorMap): void {
    for (const name of this.#parameters.keys()) this.check(name, weights[name]);
    const unknown = Object.keys(weights).find((name) => !this.#parameters.has(name));
    if (unknown === undefined) return;
    throw new TrainerError('STATE_MISMATCH', `${unknown}: is no part of ${this.#model.name}`);
  }

  /** That there is a tensor of the parameter's shape. `key` names it in errors. */
  check(name: string, tensor: NamedTensor | undefined, key = name) {
    const parameter = this.#parameters.get(name) as ModelTensor;
    const expected = `[${parameter.shape.join(', ')}]`;
    if (!tensor) throw new TrainerError('STATE_MISMATCH', `${key}: missing, expected shape ${expected}`);
    const given = `[${tensor.shape.join(', ')}]`;
    if (given === expected) return { parameter, values: tensor.data };
    throw new TrainerError('STATE_MISMATCH', `${key}: expected shape ${expected}, got ${given}`);
  }

  close(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}
