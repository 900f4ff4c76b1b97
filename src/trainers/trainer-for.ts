import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { ParameterError } from '../core/errors.ts';
import { guardedTrainer } from '../core/guarded-trainer.ts';
import type { Precision, Trainer } from '../core/trainer.ts';
import { type Device, type Surroundings, trainerOn } from './device.ts';
import { canCompute, checkTrainer, openTrainer, trainersFor } from './open-trainer.ts';

/** Which trainer computes, and how. */
export interface TrainerChoice {
  /** A trainer, or the name or the module of one. Default 'tfjs'. */
  readonly trainer?: string | Trainer;
  /** Backend of the tfjs trainer. */
  readonly trainerBackend?: string | undefined;
  /** Default 'float32'. */
  readonly precision?: Precision;
  /** Where the trainer `graph` computes. Default 'auto': on a hardware GPU; without one the trainer is `tfjs`. */
  readonly device?: Device | undefined;
}

/** Opens the trainer asked for; throws where it cannot compute in that precision. */
export async function openTrainerFor(
  { trainer: asked = 'tfjs', trainerBackend, precision = 'float32', device = 'auto' }: TrainerChoice,
  surroundings: Surroundings,
): Promise<Trainer> {
  const { adapter, gpuAdapter } = surroundings;
  const backend = tfjsBackendFor(trainerBackend, adapter);
  const open = async (one: string | Trainer): Promise<Trainer> =>
    typeof one === 'string'
      ? openTrainer(one, { backend, ...(gpuAdapter !== undefined && { gpuAdapter }) })
      : guardedTrainer(checkTrainer('trainer', one));
  const trainer = await open(asked);
  // before the device: no device gives a trainer what it cannot
  await checkPrecision(trainer, precision);
  const chosen = await trainerOn(device, asked, precision, surroundings);
  if (trainerBackend !== undefined && withoutBackend.includes(chosen))
    surroundings.tell(`trainerBackend ${trainerBackend} (--tfjs-backend): ignored: the trainer is ${chosen}`);
  return chosen === asked ? trainer : open(chosen);
}

/** Trainers of ours without TensorFlow.js. One of the user's may have backends of the same names. */
const withoutBackend: readonly unknown[] = ['graph', 'none'];

/** Flags that ask for a precision. */
const flags: Readonly<Record<Precision, string>> = {
  float32: '',
  mixed: 'precision mixed (--amp)',
  tf32: 'precision tf32 (--tf32)',
};

async function checkPrecision(trainer: Trainer, precision: Precision): Promise<void> {
  if (canCompute(trainer, precision)) return;
  const capable = await trainersFor(precision);
  const advice =
    capable.length > 0
      ? `; trainers that can (--trainer): ${capable.join(', ')}; precision float32 (--precision) is for all`
      : noneCan[precision];
  throw new ParameterError(
    'UNSUPPORTED_PRECISION',
    `${flags[precision]}: the trainer ${trainer.name} cannot${advice}`,
  );
}

/** Why no trainer of ours can. */
const noneCan: Readonly<Record<Precision, string>> = {
  float32: '',
  mixed: '',
  tf32: ', nor can any on WebGPU: it has no such type (its matrices are of f32, f16, u32, i32, u8 or i8); use --amp, or float32',
};

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
