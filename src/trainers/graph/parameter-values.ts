import { type Tensor, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorExecutor } from '../../../backends/tensor-kernels/tensor-executor.ts';
import type { NamedTensor, TensorMap } from '../../core/trainer.ts';
import { fromDevice, toDevice } from '../../graph/plan/parameter-layout.ts';
import type { ParameterPlan, ParameterSet } from '../../graph/plan/parameter-plan.ts';
import type { PlacedParameter } from '../../graph/plan/placed-parameter.ts';
import { sizeOf } from '../../models/parameters.ts';

/** Moves parameters between tensors with names and shapes, and the flat ones of a device. */
export class ParameterValues {
  readonly #executor: TensorExecutor;
  readonly #trainable: readonly PlacedParameter[];
  readonly #running: readonly PlacedParameter[];
  /** In the model's order. */
  readonly #names: readonly string[];

  /** @param names of all parameters, in the order in which they are to be named */
  constructor(executor: TensorExecutor, { placed }: ParameterPlan, names: readonly string[]) {
    const parameters = [...placed.values()];
    this.#executor = executor;
    this.#trainable = parameters.filter(({ isTrainable }) => isTrainable);
    this.#running = parameters.filter(({ isTrainable }) => !isTrainable);
    this.#names = names;
  }

  /** Trainable parameters and running statistics. */
  writeSet({ values, running }: ParameterSet, weights: TensorMap): void {
    this.#write(values, weights, this.#trainable);
    this.#write(running, weights, this.#running);
  }

  async readSet({ values, running }: ParameterSet): Promise<TensorMap> {
    const [trainable, statistics] = await this.#executor.read([viewOf(values), viewOf(running)]);
    const named = new Map([
      ...namedTensors(trainable as ArrayBuffer, this.#trainable),
      ...namedTensors(statistics as ArrayBuffer, this.#running),
    ]);
    return Object.fromEntries(this.#names.map((name) => [name, named.get(name) as NamedTensor]));
  }

  /** Writes a tensor that has a value for each value of the trainable parameters, such as their gradients. */
  write(tensor: Tensor, values: TensorMap): void {
    this.#write(tensor, values, this.#trainable);
  }

  /** Reads such tensors: for each a map by the parameters' names. */
  async read(tensors: readonly Tensor[]): Promise<TensorMap[]> {
    const buffers = await this.#executor.read(tensors.map((tensor) => viewOf(tensor)));
    return buffers.map((buffer) => {
      const named = new Map(namedTensors(buffer, this.#trainable));
      const names = this.#names.filter((name) => named.has(name));
      return Object.fromEntries(names.map((name) => [name, named.get(name) as NamedTensor]));
    });
  }

  #write(tensor: Tensor, values: TensorMap, parameters: readonly PlacedParameter[]): void {
    const flat = new Float32Array(tensor.size);
    for (const parameter of parameters) {
      const { name, offset, size } = parameter;
      toDevice(parameter, (values[name] as NamedTensor).data, flat.subarray(offset, offset + size));
    }
    this.#executor.write(viewOf(tensor), flat);
  }
}

function namedTensors(
  buffer: ArrayBuffer,
  parameters: readonly PlacedParameter[],
): (readonly [string, NamedTensor])[] {
  const flat = new Float32Array(buffer);
  return parameters.map((parameter) => {
    const { name, shape, offset, size } = parameter;
    const data = new Float32Array(sizeOf(shape));
    fromDevice(parameter, flat.subarray(offset, offset + size), data);
    return [name, { shape, data }];
  });
}
