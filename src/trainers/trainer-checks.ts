import { type Checks, oneOf, text, textOrObject } from '../streams/option-checks.ts';
import type { TrainerChoice } from './trainer-for.ts';

export const trainerChecks: Checks<TrainerChoice> = {
  trainer: textOrObject,
  trainerBackend: text,
  precision: oneOf('float32', 'tf32', 'mixed'),
};
