/** Learning rate over epochs; constant within one, as in NVIDIA's recipe. */
export type LearningRateSchedule = 'cosine' | 'linear' | 'step' | 'constant';
export const schedules: readonly LearningRateSchedule[] = ['cosine', 'linear', 'step', 'constant'];

export interface ScheduleOptions {
  readonly schedule: LearningRateSchedule;
  /** Learning rate at the end of the warm-up. */
  readonly base: number;
  /** Learning rate that 'cosine' and 'linear' fall towards; the last epoch's is a little above it. */
  readonly end: number;
  /** Epochs of linear warm-up. */
  readonly warmup: number;
  /** Epochs of the whole training, however many of them one run trains. */
  readonly epochs: number;
}

/**
 * Epochs of warm-up where neither they nor the learning rate were chosen: the first epoch has half the rate, which batch
 * norm's statistics and the momentum, both empty, bear better. Too short a training has no epoch to spare.
 */
export const warmupOfDefault = (epochs: number): number => (epochs > 2 ? 2 : 0);

/** Epochs at which 'step' divides the learning rate by ten, warm-up or not. */
const STEP_EPOCHS = [30, 60, 80];

/** @param epoch from 0; of a training that ends in its warm-up, the warm-up's */
export function learningRateAt(
  epoch: number,
  { schedule, base, end, warmup, epochs }: ScheduleOptions,
): number {
  if (epoch < warmup) return (base * (epoch + 1)) / warmup;
  if (schedule === 'constant') return base;
  if (schedule === 'step') return base * 0.1 ** STEP_EPOCHS.filter((start) => epoch >= start).length;
  const progress = (epoch - warmup) / (epochs - warmup);
  const share = schedule === 'cosine' ? 0.5 * (1 + Math.cos(Math.PI * progress)) : 1 - progress;
  return end + share * (base - end);
}
