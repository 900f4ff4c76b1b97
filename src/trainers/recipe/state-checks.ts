import { TrainerError } from '../../core/errors.ts';
import type { NamedTensor, QuantizedPlaces, TensorMap, TrainerState } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { type ModelTensor, parametersOf } from '../../models/parameters.ts';
import { checkRanges } from './range-checks.ts';

/** What a state is to be loaded into. */
export interface ExpectedState {
  readonly model: EfficientNet;
  readonly optimizer: string;
  /** What the optimizer remembers of each parameter, such as `momentum_buffer`. */
  readonly memories: readonly string[];
  readonly hasAverage: boolean;
  readonly quantization?: QuantizedPlaces | undefined;
}

/** Throws unless the state has all tensors, no others, and each in its shape. */
export function checkTrainerState(
  state: TrainerState,
  { model, hasAverage, quantization, ...expected }: ExpectedState,
): void {
  const parameters = parametersOf(model);
  const trainable = parameters.filter((parameter) => parameter.trainable);
  const { weights, optimizer, gradients = {}, average = weights, quant = {} } = state;
  checkMemory(optimizer, trainable, expected);
  if (Object.keys(gradients).length > 0)
    for (const parameter of trainable)
      checkTensor(parameter, gradients[parameter.name], `gradient.${parameter.name}`);
  checkWeights(weights, parameters, model);
  if (hasAverage) checkWeights(average, parameters, model);
  checkRanges(quant, model, quantization);
}

/** All that the optimizer remembers, or nothing. */
function checkMemory(
  memory: TensorMap,
  trainable: readonly ModelTensor[],
  { optimizer, memories }: Pick<ExpectedState, 'optimizer' | 'memories'>,
): void {
  const expected = memories.flatMap((name) =>
    trainable.map((parameter) => ({ parameter, key: `${name}.${parameter.name}` })),
  );
  const keys = new Set(expected.map(({ key }) => key));
  const unknown = Object.keys(memory).find((key) => !keys.has(key));
  if (unknown !== undefined)
    throw new TrainerError('STATE_MISMATCH', `${unknown}: is no part of the optimizer ${optimizer}`);
  if (Object.keys(memory).length === 0) return;
  for (const { parameter, key } of expected) checkTensor(parameter, memory[key], `optimizer.${key}`);
}

function checkWeights(weights: TensorMap, parameters: readonly ModelTensor[], { name }: EfficientNet): void {
  for (const parameter of parameters) checkTensor(parameter, weights[parameter.name], parameter.name);
  const names = new Set(parameters.map((parameter) => parameter.name));
  const unknown = Object.keys(weights).find((one) => !names.has(one));
  if (unknown !== undefined) throw new TrainerError('STATE_MISMATCH', `${unknown}: is no part of ${name}`);
}

function checkTensor({ shape }: ModelTensor, tensor: NamedTensor | undefined, key: string): void {
  const expected = `[${shape.join(', ')}]`;
  if (!tensor) throw new TrainerError('STATE_MISMATCH', `${key}: missing, expected shape ${expected}`);
  const given = `[${tensor.shape.join(', ')}]`;
  if (given === expected) return;
  throw new TrainerError('STATE_MISMATCH', `${key}: expected shape ${expected}, got ${given}`);
}
