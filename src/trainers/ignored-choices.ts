import type { Trainer } from '../core/trainer.ts';
import type { ChosenDevice } from './device.ts';

/** Choices that not every trainer goes by. */
interface Choices {
  readonly trainerBackend?: string | undefined;
  readonly threads?: number | undefined;
}

/** A line on each choice that this trainer does not go by. A trainer's module of the user's may go by all. */
export function ignoredChoices(
  { trainerBackend, threads }: Choices,
  trainer: string | Trainer,
  device: ChosenDevice | undefined,
): string[] {
  const name = typeof trainer === 'string' ? trainer : trainer.name;
  const isAny = typeof trainer === 'string' && !ours.includes(trainer);
  const lines: string[] = [];
  if (trainerBackend !== undefined && !isAny && trainer !== 'tfjs')
    lines.push(`trainerBackend ${trainerBackend} (--tfjs-backend): ignored: the trainer is ${name}`);
  if (threads !== undefined && !isAny && device !== 'cpu') {
    const reason = device === 'gpu' ? `the trainer ${name} computes on a GPU` : `the trainer is ${name}`;
    lines.push(`threads ${threads} (--threads): ignored: ${reason}`);
  }
  return lines;
}

const ours = ['graph', 'tfjs', 'none'];
