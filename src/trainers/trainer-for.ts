import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { ParameterError } from '../core/errors.ts';
import { guardedTrainer } from '../core/guarded-trainer.ts';
import type { Precision, Trainer } from '../core/trainer.ts';
import { type ChosenDevice, chooseDevice, type Device, defaultTrainer, type Surroundings } from './device.ts';
import { ignoredChoices } from './ignored-choices.ts';
import { canCompute, checkTrainer, openTrainer, trainersFor } from './open-trainer.ts';

/** Which trainer computes, and how. */
export interface TrainerChoice {
  /** A trainer, or the name or the module of one. Default 'graph'. */
  readonly trainer?: string | Trainer;
  /** Backend of the tfjs trainer. */
  readonly trainerBackend?: string | undefined;
  /** Default 'float32'. */
  readonly precision?: Precision;
  /** Where the trainer `graph` computes. Default 'auto': on a hardware GPU, else on the CPU. */
  readonly device?: Device | undefined;
  /** Threads of the trainer `graph` on the CPU. Default: as many as are fastest. */
  readonly threads?: number | undefined;
}

/** Opens the trainer asked for; throws where it cannot compute in that precision. */
export async function openTrainerFor(choice: TrainerChoice, surroundings: Surroundings): Promise<Trainer> {
  const { trainer: asked = defaultTrainer, precision = 'float32', device = 'auto' } = choice;
  const chosen = await chooseDevice(device, asked, precision, surroundings);
  const trainer = await open(asked, choice, chosen, surroundings);
  await checkPrecision(trainer, precision);
  for (const message of ignoredChoices(choice, asked, chosen)) surroundings.tell(message);
  return trainer;
}

async function open(
  trainer: string | Trainer,
  { trainerBackend, threads }: TrainerChoice,
  device: ChosenDevice | undefined,
  { adapter, gpuAdapter, cores }: Surroundings,
): Promise<Trainer> {
  if (typeof trainer !== 'string') return guardedTrainer(checkTrainer('trainer', trainer));
  return openTrainer(trainer, {
    backend: tfjsBackendFor(trainerBackend, adapter),
    ...(device && { device }),
    ...(gpuAdapter !== undefined && { gpuAdapter }),
    ...(threads !== undefined && { threads }),
    ...(cores !== undefined && { cores }),
  });
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
