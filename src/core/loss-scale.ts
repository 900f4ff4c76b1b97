import type { LossScaling, NamedTensor, TensorMap, TrainerState } from './trainer.ts';

/** What mixed precision knows of its loss scale between two updates: PyTorch's GradScaler, and two counts of ours. */
export interface LossScaleState {
  readonly scale: number;
  /** Good updates since the scale last changed. */
  readonly goodUpdates: number;
  /** Updates skipped since the training began, and how many of them came one after the other just now. */
  readonly skipped: number;
  readonly skippedInARow: number;
}

/** Beyond these a float32 is infinite, or what some GPUs take for 0: no halving brings either back. */
const [SMALLEST, LARGEST] = [2 ** -126, 2 ** 127];

export const lossScaleRange = 'a number above 0, from 2^-126 to 2^127';

export const isLossScale = (value: unknown): value is number =>
  typeof value === 'number' && value >= SMALLEST && value <= LARGEST;

const GROWTH = 2;
const BACK_OFF = 0.5;

export const initialLossScale = ({ initial }: Pick<LossScaling, 'initial'>): LossScaleState => ({
  scale: initial,
  goodUpdates: 0,
  skipped: 0,
  skippedInARow: 0,
});

/**
 * The state after an update, as PyTorch's `_amp_update_scale_` has it: gradients that overflowed halve the scale and start
 * the count again; enough good updates in a row double it. The scale is a float32, and never doubles to infinity. Otherwise
 * than there, it also doubles where the count is beyond the interval: a resumed training may have a shorter one.
 */
export function nextLossScale(
  { scale, goodUpdates, skipped, skippedInARow }: LossScaleState,
  foundNonFinite: boolean,
  growthInterval: number,
): LossScaleState {
  if (foundNonFinite) {
    const smaller = Math.fround(scale * BACK_OFF);
    return { scale: smaller, goodUpdates: 0, skipped: skipped + 1, skippedInARow: skippedInARow + 1 };
  }
  const good = goodUpdates + 1;
  if (good < growthInterval) return { scale, goodUpdates: good, skipped, skippedInARow: 0 };
  const larger = Math.fround(scale * GROWTH);
  return { scale: Number.isFinite(larger) ? larger : scale, goodUpdates: 0, skipped, skippedInARow: 0 };
}

/** Names in a checkpoint: PyTorch's where it has one. */
const names = {
  scale: 'scale',
  goodUpdates: '_growth_tracker',
  skipped: 'skipped',
  skippedInARow: 'skipped_in_a_row',
} as const satisfies Record<keyof LossScaleState, string>;

export const lossScaleTensors = (state: LossScaleState): TensorMap =>
  Object.fromEntries(
    Object.entries(names).map(([key, name]) => [name, single(state[key as keyof LossScaleState])]),
  );

/** What `lossScaleTensors` made; undefined without a scale. Counts that are missing are 0. */
export function lossScaleOf(tensors: TensorMap): LossScaleState | undefined {
  const valueIn = (key: keyof LossScaleState) => tensors[names[key]]?.data[0];
  const scale = valueIn('scale');
  if (scale === undefined) return undefined;
  const [goodUpdates = 0, skipped = 0, skippedInARow = 0] = counts.map(valueIn);
  return { scale, goodUpdates, skipped, skippedInARow };
}

/**
 * The gradients that wait in a state, which are multiplied by the state's loss scale where it has one, by another loss scale. Those
 * of the same scale keep their bits. 1: as float32 has them.
 */
export function rescaledGradients(
  { gradients = {}, lossScale = {} }: TrainerState,
  scale: number,
): TensorMap {
  const own = lossScaleOf(lossScale)?.scale ?? 1;
  if (own === scale) return gradients;
  const factor = scale / own;
  const entries = Object.entries(gradients).map(([name, { shape, data }]): [string, NamedTensor] => [
    name,
    { shape, data: data.map((value) => value * factor) },
  ]);
  return Object.fromEntries(entries);
}

const counts = ['goodUpdates', 'skipped', 'skippedInARow'] as const;

const single = (value: number): NamedTensor => ({ shape: [1], data: Float32Array.of(value) });
