import { askBusAddresses, askHardware, onlyAt } from '../../backends/gpu/device/ask-hardware.ts';
import type { HardwareAdapter } from '../../backends/gpu/device/hardware-adapters.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { Ranks } from '../ranks/ranks.ts';
import { defaultTrainer } from '../trainers/device.ts';
import type { CompleteOptions } from './complete-options.ts';

type Choice = Pick<CompleteOptions, 'stream' | 'trainer' | 'device' | 'trainerBackend'>;

/** What can be asked of a machine, and said to its drivers. */
interface Machine {
  /** With such variables in the environment. */
  readonly adapters: (environment?: Readonly<Record<string, string>>) => Promise<HardwareAdapter[]>;
  readonly addresses: (name: string) => Promise<string[]>;
  readonly environment: Record<string, string | undefined>;
}

const thisMachine: Machine = { adapters: askHardware, addresses: askBusAddresses, environment: process.env };

/**
 * The GPU adapter of this rank, as `gpuAdapter`: that which is asked for, else the machine's GPUs in turn. To be called before any
 * GPU is opened: of several of one name, only the driver can be told which to show.
 */
export async function adapterOfRank(
  { localRank, localSize }: Pick<Ranks, 'localRank' | 'localSize'>,
  choice: Choice,
  warn: (message: string) => void,
  machine: Machine = thisMachine,
): Promise<string | undefined> {
  const asked = choice.stream.gpuAdapter;
  if (localSize === 1 || asked !== undefined || !mayUseGpu(choice)) return asked;
  // who opens a GPU says why there is none
  const adapters = await machine.adapters().catch(() => []);
  const own = takeTurns(adapters, localRank);
  if (own === undefined) return undefined;
  const { adapter, place } = own;
  if (adapter.count > 1 && (await showOnly(adapter, place, machine))) return undefined;
  if (adapter.count > 1) warn(sharedBy(adapter, localSize));
  return adapters.length > 1 ? adapter.choice : undefined;
}

const mayUseGpu = ({ stream, trainer, device, trainerBackend }: Choice): boolean =>
  resolveBackendName(stream.backend) === 'gpu' ||
  (trainer === defaultTrainer && device !== 'cpu') ||
  trainerBackend === 'webgpu';

/** The GPU whose turn it is, and which it is of those of its name. */
function takeTurns(adapters: readonly HardwareAdapter[], turn: number) {
  const all = adapters.flatMap((adapter) =>
    Array.from({ length: adapter.count }, (_, place) => ({ adapter, place })),
  );
  return all[turn % all.length];
}

/** Whether the driver now shows this process one of the GPUs of a name, and no other. */
async function showOnly(
  { name, count }: HardwareAdapter,
  place: number,
  { adapters, addresses, environment }: Machine,
): Promise<boolean> {
  if (environment['DRI_PRIME'] !== undefined) return false;
  const all = await addresses(name).catch(() => []);
  const address = all.length === count ? all[place] : undefined;
  if (address === undefined) return false;
  const [shown, ...others] = await adapters(onlyAt(address)).catch(() => []);
  if (shown?.name !== name || shown.count !== 1 || others.length > 0) return false;
  Object.assign(environment, onlyAt(address));
  return true;
}

const sharedBy = ({ name, count }: HardwareAdapter, ranks: number): string =>
  `${ranks} ranks of this machine use one ${name} of ${count}: WebGPU cannot tell them apart; install Mesa's Vulkan layer (mesa-vulkan-drivers), or have the launcher show each rank one GPU (docs/gpu.md)`;
