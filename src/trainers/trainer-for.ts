import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { ParameterError } from '../core/errors.ts';
import { guardedTrainer } from '../core/guarded-trainer.ts';
import type { Precision, Trainer } from '../core/trainer.ts';
import { canCompute, checkTrainer, openTrainer, trainersFor } from './open-trainer.ts';

/** Which trainer computes, and how. */
export interface TrainerChoice {
  /** A trainer, or the name or the module of one. Default 'tfjs'. */
  readonly trainer?: string | Trainer;
  /** Backend of the tfjs trainer. */
  readonly trainerBackend?: string | undefined;
  /** Default 'float32'. */
  readonly precision?: Precision;
}

/** Opens the trainer asked for; throws where it cannot compute in that precision. */
export async function openTrainerFor(
  { trainer: asked = 'tfjs', trainerBackend, precision = 'float32' }: TrainerChoice,
  adapter: Pick<AdapterDescription, 'isSoftware'> | undefined,
): Promise<Trainer> {
  const backend = tfjsBackendFor(trainerBackend, adapter);
  const trainer =
    typeof asked === 'string'
      ? await openTrainer(asked, { backend })
      : guardedTrainer(checkTrainer('trainer', asked));
  await checkPrecision(trainer, precision);
  return trainer;
}

/** Flags that ask for a precision. */
const flags: Readonly<Record<Precision, string>> = {
  float32: '',
  mixed: 'precision mixed (--amp)',
  tf32: 'precision tf32 (--tf32)',
};

async function checkPrecision(trainer: Trainer, precision: Precision): Promise<void> {
  if (canCompute(trainer, precision)) return;
  const capable = await trainersFor(precision);
  const advice = `trainers that can: ${capable.length > 0 ? capable.join(', ') : 'none yet'}`;
  throw new ParameterError(
    'UNSUPPORTED_PRECISION',
    `${flags[precision]}: the trainer ${trainer.name} cannot; ${advice}`,
  );
}

/**
 * The backend asked for; left out: webgpu where batches are made on `adapter`, unless that is a driver that computes on
 * the CPU, which wasm is faster than.
 */
export function tfjsBackendFor(
  asked: string | undefined,
  adapter: Pick<AdapterDescription, 'isSoftware'> | undefined,
): string {
  if (asked !== undefined) return asked;
  return adapter === undefined || adapter.isSoftware ? 'wasm' : 'webgpu';
}
