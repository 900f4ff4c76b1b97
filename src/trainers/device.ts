import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { askAdapter } from '../../backends/gpu/device/ask-adapter.ts';
import { BackendError, ParameterError } from '../core/errors.ts';
import type { Precision, Trainer } from '../core/trainer.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { StreamOptions } from '../streams/stream-options.ts';

export const devices = ['auto', 'gpu', 'cpu'] as const;
/** Where the trainer `graph` computes. 'gpu': any WebGPU adapter, a software one too; 'auto': a hardware GPU, else the CPU. */
export type Device = (typeof devices)[number];
/** Where it computes after all. */
export type ChosenDevice = Exclude<Device, 'auto'>;

/** What a trainer finds around it. */
export interface Surroundings {
  /** On which batches are made; undefined: on no GPU. */
  readonly adapter?: AdapterFacts | undefined;
  /** The adapter that is asked for, as a pipeline's `gpuAdapter`. */
  readonly gpuAdapter?: string | undefined;
  /** Cores that there are for this process, where it shares them with others. */
  readonly cores?: number | undefined;
  /** Hears what people should know. */
  readonly tell: (message: string) => void;
}

type AdapterFacts = Pick<AdapterDescription, 'name' | 'isSoftware'>;

/** The trainer that takes a device, and that trains where no other is asked for. */
export const defaultTrainer = 'graph';

/** Where the trainer computes; undefined: that is its own affair. Throws where it cannot compute there. */
export async function chooseDevice(
  device: Device,
  trainer: string | Trainer,
  precision: Precision,
  surroundings: Surroundings,
): Promise<ChosenDevice | undefined> {
  if (trainer !== defaultTrainer) {
    checkUnasked(device, trainer);
    return undefined;
  }
  if (device === 'gpu') return device;
  const adapter = device === 'auto' ? await adapterOf(surroundings) : undefined;
  if (adapter !== undefined && !adapter.isSoftware) return 'gpu';
  if (precision === 'mixed') throw mixedOnCpu(device, adapter);
  if (adapter !== undefined) {
    const found = `device auto: no hardware GPU (only ${adapter.name})`;
    const advice = 'device gpu (--device gpu) computes on the software adapter';
    surroundings.tell(`${found}: the trainer ${trainer} computes on the CPU; ${advice}`);
  }
  return 'cpu';
}

async function adapterOf({ adapter, gpuAdapter, tell }: Surroundings): Promise<AdapterFacts | undefined> {
  if (adapter !== undefined) return adapter;
  try {
    return await askAdapter(gpuAdapter);
  } catch (error) {
    if (!(error instanceof BackendError) || error.code !== 'NO_ANSWER') throw error;
    tell(`device auto: no GPU is looked for: ${error.message} (see millrace doctor)`);
    return undefined;
  }
}

function mixedOnCpu(device: 'auto' | 'cpu', adapter: AdapterFacts | undefined): ParameterError {
  const [reason, instead] =
    device === 'cpu' ? ['device cpu (--device) was asked for', ON_A_GPU] : notFound(adapter);
  return new ParameterError(
    'UNSUPPORTED_PRECISION',
    `precision mixed (--amp): ${reason}, and the CPU computes in float32 alone: leave --amp out (--precision float32 where a run is resumed), or ${instead}`,
  );
}

const ON_A_GPU = 'compute on a GPU (--device gpu)';

const notFound = (adapter: AdapterFacts | undefined) =>
  adapter === undefined
    ? ['no hardware GPU was found', 'install the driver of the GPU (see millrace doctor)']
    : [`no hardware GPU was found (only ${adapter.name})`, 'compute on the software adapter (--device gpu)'];

/** No device is chosen for a trainer that would not go by it. */
function checkUnasked(device: Device, trainer: string | Trainer): void {
  if (device === 'auto') return;
  const name = typeof trainer === 'string' ? trainer : trainer.name;
  const advice = name === 'tfjs' ? '; trainerBackend (--tfjs-backend) says where tfjs computes' : '';
  const reason = `the trainer ${name} takes no device, ${defaultTrainer} does: leave it at auto${advice}`;
  throw new ParameterError('UNSUPPORTED_DEVICE', `device ${device} (--device): ${reason}`);
}

/** The options of the stream without a GPU adapter that is for the trainer alone. */
export function withoutTrainersAdapter<Stream extends StreamOptions>(
  stream: Stream,
  {
    trainer = defaultTrainer,
    device,
  }: { readonly trainer?: string | Trainer; readonly device?: Device | undefined },
): Stream {
  const isTrainersToo = trainer === defaultTrainer && device !== 'cpu';
  if (!isTrainersToo || resolveBackendName(stream.backend ?? 'cpu') === 'gpu') return stream;
  const { gpuAdapter: _, ...others } = stream;
  return others as Stream;
}
