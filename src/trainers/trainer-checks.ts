import { precisions } from '../core/trainer.ts';
import { type Checks, count, oneOf, text, textOrObject } from '../streams/option-checks.ts';
import { devices } from './device.ts';
import type { TrainerChoice } from './trainer-for.ts';

export const trainerChecks: Checks<TrainerChoice> = {
  trainer: textOrObject,
  trainerBackend: text,
  precision: oneOf(...precisions),
  device: oneOf(...devices),
  threads: count,
};
