/** Learning rate over epochs; constant within one, as in NVIDIA's recipe. */
export type LearningRateSchedule = 'cosine' | 'linear' | 'step' | 'constant';
export const schedules: readonly LearningRateSchedule[] = ['cosine', 'linear', 'step', 'constant'];

export interface ScheduleOptions {
  readonly schedule: LearningRateSchedule;
  /** Learning rate at the end of the warm-up. */
  readonly base: number;
  /** Learning rate that 'cosine' falls to. */
  readonly end: number;
  /** Epochs of linear warm-up. */
  readonly warmup: number;
  readonly epochs: number;
}

const STEP_EPOCHS = [30, 60, 80];

export function learningRateAt(
  epoch: number,
  { schedule, base, end, warmup, epochs }: ScheduleOptions,
): number {
  if (epoch < warmup) return (base * (epoch + 1)) / warmup;
  const progress = (epoch - warmup) / (epochs - warmup);
  if (schedule === 'cosine') return end + 0.5 * (1 + Math.cos(Math.PI * progress)) * (base - end);
  if (schedule === 'linear') return base * (1 - progress);
  if (schedule === 'step') return base * 0.1 ** STEP_EPOCHS.filter((start) => epoch >= start).length;
  return base;
}
