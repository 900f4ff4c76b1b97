import type { Tensor } from '@tensorflow/tfjs';
import { TrainerError } from '../../core/errors.ts';
import type { PrepareOptions, TrainerState } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { initialWeights } from '../../models/parameters.ts';
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
  return {
    tensorflow,
    layers: layersOn(tensorflow),
    model,
    seam,
    options,
    parameters: new ParameterStore(tensorflow.tf, model, () => initialWeights(model, options.seed)),
    optimizer: new Optimizer(tensorflow, options.settings),
    accumulated: new Map(),
  };
}

export async function saveSession({ tensorflow, parameters, optimizer }: Session): Promise<TrainerState> {
  // for weights that nothing has asked for yet
  select(tensorflow);
  const weights = parameters.save();
  const remembered = [...optimizer.state].map(async ([key, tensor]) => [
    key,
    await parameters.download(parameterOf(key), tensor),
  ]);
  return { weights: await weights, optimizer: Object.fromEntries(await Promise.all(remembered)) };
}

/** Replaces weights and optimiser's memory; an empty memory starts afresh (fine-tuning). */
export function loadSession(session: Session, { weights, optimizer: memory }: TrainerState): void {
  const { parameters, optimizer, tensorflow } = session;
  const keys = optimizer.memories.flatMap((memory) =>
    parameters.trainable.map((name) => `${memory}.${name}`),
  );
  const unknown = Object.keys(memory).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const kind = session.options.settings.optimizer;
    throw new TrainerError('STATE_MISMATCH', `${unknown}: is no part of the optimizer ${kind}`);
  }
  const isEmpty = Object.keys(memory).length === 0;
  if (!isEmpty) for (const key of keys) parameters.check(parameterOf(key), memory[key], `optimizer.${key}`);
  select(tensorflow);
  parameters.load(weights);
  forgetGradients(session);
  optimizer.close();
  if (!isEmpty)
    for (const key of keys) optimizer.remember(key, parameters.upload(parameterOf(key), memory[key]));
}

export function forgetGradients({ accumulated }: Session): void {
  for (const gradient of accumulated.values()) gradient.dispose();
  accumulated.clear();
}

export function closeSession(session: Session): void {
  session.parameters.close();
  session.optimizer.close();
  forgetGradients(session);
}

/** The parameter of a key `<memory>.<parameter>`. */
const parameterOf = (key: string): string => key.slice(key.indexOf('.') + 1);
