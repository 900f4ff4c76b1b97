import type { Tensor } from '@tensorflow/tfjs';
import { rescaledGradients } from '../../core/loss-scale.ts';
import type { NamedTensor, PrepareOptions, TensorMap, TrainerState } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { initialWeights } from '../../models/parameters.ts';
import { checkTrainerState } from '../recipe/state-checks.ts';
import { type Layers, layersOn } from './layers.ts';
import type { Seam } from './network.ts';
import { Optimizer } from './optimizer.ts';
import { ParameterStore } from './parameter-store.ts';
import { select, type Tensorflow } from './tensorflow.ts';

/** A model in training: everything of it that lives in tfjs. */
export interface Session {
  readonly tensorflow: Tensorflow;
  readonly layers: Layers;
  readonly model: EfficientNet;
  readonly seam: Seam;
  readonly options: PrepareOptions;
  readonly parameters: ParameterStore;
  /** Moving average of the parameters. */
  readonly average: ParameterStore | undefined;
  readonly optimizer: Optimizer;
  /** Gradients of the micro-steps since the last update, by parameter. */
  readonly accumulated: Map<string, Tensor>;
}

export function openSession(
  tensorflow: Tensorflow,
  model: EfficientNet,
  seam: Seam,
  options: PrepareOptions,
): Session {
  select(tensorflow);
  const store = () => new ParameterStore(tensorflow.tf, model, () => initialWeights(model, options.seed));
  return {
    tensorflow,
    layers: layersOn(tensorflow),
    model,
    seam,
    options,
    parameters: store(),
    average: options.settings.emaDecay === undefined ? undefined : store(),
    optimizer: new Optimizer(tensorflow, options.settings),
    accumulated: new Map(),
  };
}

export async function saveSession(session: Session): Promise<TrainerState> {
  const { tensorflow, parameters, optimizer, average, accumulated } = session;
  // for weights that nothing has asked for yet
  select(tensorflow);
  return {
    weights: await parameters.save(),
    optimizer: await downloadAll(parameters, optimizer.state, parameterOf),
    ...(average && { average: await average.save() }),
    ...(accumulated.size > 0 && { gradients: await downloadAll(parameters, accumulated) }),
  };
}

/** Replaces weights and all that is remembered of them; what the state leaves out starts afresh (fine-tuning). */
export function loadSession(session: Session, state: TrainerState): void {
  const { parameters, optimizer, average, accumulated, tensorflow } = session;
  const { weights, optimizer: memory } = state;
  const gradients = rescaledGradients(state, 1);
  const { memories } = optimizer;
  const { model, options } = session;
  const hasAverage = average !== undefined;
  checkTrainerState(state, { model, optimizer: options.settings.optimizer, memories, hasAverage });
  select(tensorflow);
  parameters.load(weights);
  average?.load(state.average ?? weights);
  forgetGradients(session);
  for (const name of Object.keys(gradients))
    accumulated.set(name, tensorflow.tf.keep(parameters.upload(name, gradients[name] as NamedTensor)));
  optimizer.close();
  for (const key of Object.keys(memory))
    optimizer.remember(key, parameters.upload(parameterOf(key), memory[key] as NamedTensor));
}

async function downloadAll(
  parameters: ParameterStore,
  tensors: ReadonlyMap<string, Tensor>,
  nameOf = (key: string) => key,
): Promise<TensorMap> {
  const entries = [...tensors].map(async ([key, tensor]) => [
    key,
    await parameters.download(nameOf(key), tensor),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

export function forgetGradients({ accumulated }: Session): void {
  for (const gradient of accumulated.values()) gradient.dispose();
  accumulated.clear();
}

export function closeSession(session: Session): void {
  session.parameters.close();
  session.average?.close();
  session.optimizer.close();
  forgetGradients(session);
}

/** The parameter of a key `<memory>.<parameter>`. */
const parameterOf = (key: string): string => key.slice(key.indexOf('.') + 1);
