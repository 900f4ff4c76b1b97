import { lossScaleState } from '../../../backends/tensor-kernels/loss-scale/state.ts';
import { type Tensor, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { TrainerError } from '../../core/errors.ts';
import {
  initialLossScale,
  isLossScale,
  type LossScaleState,
  lossScaleOf,
  lossScaleRange,
  lossScaleTensors,
  rescaledGradients,
} from '../../core/loss-scale.ts';
import type { TensorMap, TrainerState } from '../../core/trainer.ts';
import { initialWeights } from '../../models/parameters.ts';
import { checkTrainerState } from '../recipe/state-checks.ts';
import { writeRanges } from './ranges.ts';
import type { GraphSession } from './session.ts';

/** Draws the first weights, unless there are weights: drawing those of a large model takes seconds. */
export function provideWeights(session: GraphSession): void {
  if (session.hasWeights) return;
  const { model, options } = session;
  put(session, { weights: initialWeights(model, options.seed), optimizer: {} });
}

export async function saveState(session: GraphSession): Promise<TrainerState> {
  provideWeights(session);
  const { parameters, values, hasMemory, hasGradients, isMixed, ranges } = session;
  const weights = await values.readSet(parameters.weights);
  const average = parameters.average && (await values.readSet(parameters.average));
  const [gradients] = hasGradients ? await values.read([parameters.gradients]) : [];
  return {
    weights,
    optimizer: hasMemory ? await readMemory(session) : {},
    ...(average && { average }),
    ...(gradients && { gradients }),
    ...(isMixed && { lossScale: lossScaleTensors(await readLossScale(session)) }),
    ...(ranges && { quant: ranges }),
  };
}

/** Replaces the weights and all memories. Parts that the state leaves out start afresh (fine-tuning). */
export function loadState(session: GraphSession, state: TrainerState): void {
  const { model, options, parameters } = session;
  checkTrainerState(state, {
    model,
    optimizer: options.settings.optimizer,
    memories: [...parameters.memories.keys()],
    hasAverage: parameters.average !== undefined,
    quantization: options.quantization,
  });
  put(session, state);
}

function put(session: GraphSession, state: TrainerState): void {
  const { parameters, values } = session;
  const { weights, optimizer, quant = {} } = state;
  const scaling = scalingOf(session, state);
  const gradients = rescaledGradients(state, scaling.scale);
  values.writeSet(parameters.weights, weights);
  if (parameters.average) values.writeSet(parameters.average, averageOf(session, state));
  session.hasMemory = Object.keys(optimizer).length > 0;
  for (const [memory, tensor] of parameters.memories)
    writeOrClear(session, tensor, partOf(optimizer, memory));
  session.hasGradients = Object.keys(gradients).length > 0;
  writeOrClear(session, parameters.gradients, gradients);
  writeLossScale(session, scaling);
  writeRanges(session, Object.keys(quant).length > 0 ? quant : undefined);
  session.change(['load']);
  session.hasWeights = true;
}

/** What does not learn is its own average. */
function averageOf({ frozen }: GraphSession, { weights, average = weights }: TrainerState): TensorMap {
  const isFrozen = (name: string) => [...frozen].some((layer) => name.startsWith(`${layer}.`));
  const own = Object.entries(weights).filter(([name]) => isFrozen(name));
  return { ...average, ...Object.fromEntries(own) };
}

function writeOrClear({ executor, values }: GraphSession, tensor: Tensor, map: TensorMap): void {
  if (Object.keys(map).length > 0) values.write(tensor, map);
  else executor.write(viewOf(tensor), new Float32Array(tensor.size));
}

async function readMemory({ values, parameters }: GraphSession): Promise<TensorMap> {
  const memories = [...parameters.memories];
  const maps = await values.read(memories.map(([, tensor]) => tensor));
  const entries = memories.flatMap(([memory], i) =>
    Object.entries(maps[i] ?? {}).map(([name, tensor]) => [`${memory}.${name}`, tensor] as const),
  );
  return Object.fromEntries(entries);
}

/** One memory's tensors by parameter, from tensors named `<memory>.<parameter>`. */
function partOf(optimizer: TensorMap, memory: string): TensorMap {
  const prefix = `${memory}.`;
  const entries = Object.entries(optimizer).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
}

/** Without a scale of its own a training starts at the one it was asked for; float32 is not scaled. */
function scalingOf({ isMixed, options }: GraphSession, { lossScale = {} }: TrainerState): LossScaleState {
  if (!isMixed) return initialLossScale({ initial: 1 });
  const kept = lossScaleOf(lossScale);
  if (kept === undefined) return initialLossScale(options.lossScaling ?? { initial: 1 });
  if (isLossScale(kept.scale)) return kept;
  throw new TrainerError('STATE_MISMATCH', `loss_scale.scale: expected ${lossScaleRange}, got ${kept.scale}`);
}

function writeLossScale({ executor, parameters }: GraphSession, scaling: LossScaleState): void {
  const { scale, goodUpdates, skipped, skippedInARow } = scaling;
  const values = new Float32Array(parameters.state.size);
  values[lossScaleState.scale] = scale;
  values[lossScaleState.good] = goodUpdates;
  values[lossScaleState.skipped] = skipped;
  values[lossScaleState.skippedInARow] = skippedInARow;
  executor.write(viewOf(parameters.state), values);
  executor.write(viewOf(parameters.flag), new Uint32Array(parameters.flag.size));
}

async function readLossScale({ executor, parameters }: GraphSession): Promise<LossScaleState> {
  const [bytes] = await executor.read([viewOf(parameters.state)]);
  return lossScaleIn(new Float32Array(bytes as ArrayBuffer));
}

/** The loss scale as it lies on a device. */
export function lossScaleIn(values: Float32Array): LossScaleState {
  const at = (place: number) => values[place] as number;
  return {
    scale: at(lossScaleState.scale),
    goodUpdates: at(lossScaleState.good),
    skipped: at(lossScaleState.skipped),
    skippedInARow: at(lossScaleState.skippedInARow),
  };
}
