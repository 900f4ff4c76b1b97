import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { ParameterError } from '../core/errors.ts';
import type { Precision, Trainer } from '../core/trainer.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { StreamOptions } from '../streams/stream-options.ts';

export const devices = ['auto', 'gpu', 'cpu'] as const;
/** Where the trainer `graph` computes. 'gpu': any WebGPU adapter, a software one too; 'auto': a hardware GPU. */
export type Device = (typeof devices)[number];

/** What a trainer finds around it. */
export interface Surroundings {
  /** On which batches are made; undefined: on no GPU. */
  readonly adapter?: Pick<AdapterDescription, 'name' | 'isSoftware'> | undefined;
  /** The adapter that is asked for, as a pipeline's `gpuAdapter`. */
  readonly gpuAdapter?: string | undefined;
  /** Hears what people should know. */
  readonly tell: (message: string) => void;
}

/** The trainer that takes a device. */
const OWNER = 'graph';
/** The trainer in its place, where 'auto' finds no hardware GPU. */
const SUBSTITUTE = 'tfjs';

/** The trainer that computes where it is asked to; throws where none can. */
export async function trainerOn(
  device: Device,
  trainer: string | Trainer,
  precision: Precision,
  surroundings: Surroundings,
): Promise<string | Trainer> {
  if (trainer !== OWNER) {
    checkUnasked(device, trainer);
    return trainer;
  }
  if (device === 'gpu') return OWNER;
  if (device === 'cpu') {
    const reason = `the trainer ${OWNER} computes on GPUs alone; the CPU comes later`;
    throw unsupported(device, `${reason}: use trainer ${SUBSTITUTE} (--trainer ${SUBSTITUTE})`);
  }
  const adapter = surroundings.adapter ?? (await findAdapter(surroundings.gpuAdapter));
  if (adapter !== undefined && !adapter.isSoftware) return OWNER;
  const found = `device auto: no hardware GPU${adapter ? ` (only ${adapter.name})` : ''}`;
  const advice = adapter ? '; device gpu (--device gpu) computes on the software adapter' : '';
  if (precision !== 'float32') {
    const reason = `the trainer ${SUBSTITUTE}, which would take the place of ${OWNER}, has no precision ${precision}`;
    const others = advice || '; leave --amp out, or install the driver of the GPU (see millrace doctor)';
    throw new ParameterError('UNSUPPORTED_PRECISION', `${found}: ${reason}${others}`);
  }
  surroundings.tell(`${found}: the trainer ${SUBSTITUTE} takes the place of ${OWNER}${advice}`);
  return SUBSTITUTE;
}

/** What is asked of WebGPU loads its native code. */
async function findAdapter(choice: string | undefined): Promise<AdapterDescription | undefined> {
  const { findAdapter: find } = await import('../../backends/gpu/device/adapter.ts');
  return (await find(choice))?.description;
}

/** No device is chosen for a trainer that would not go by it. */
function checkUnasked(device: Device, trainer: string | Trainer): void {
  if (device === 'auto') return;
  const name = typeof trainer === 'string' ? trainer : trainer.name;
  const advice = name === SUBSTITUTE ? '; trainerBackend (--tfjs-backend) says where tfjs computes' : '';
  throw unsupported(device, `the trainer ${name} takes no device, ${OWNER} does: leave it at auto${advice}`);
}

const unsupported = (device: Device, reason: string): ParameterError =>
  new ParameterError('UNSUPPORTED_DEVICE', `device ${device} (--device): ${reason}`);

/** The options of the stream without a GPU adapter that is for the trainer alone. */
export function withoutTrainersAdapter(
  { gpuAdapter, ...stream }: StreamOptions,
  trainer: string | Trainer | undefined,
): StreamOptions {
  const isForStream = trainer !== OWNER || resolveBackendName(stream.backend ?? 'cpu') === 'gpu';
  return isForStream && gpuAdapter !== undefined ? { ...stream, gpuAdapter } : stream;
}
