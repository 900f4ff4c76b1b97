import { create } from 'webgpu';
import { BackendError, reasonOf } from '../../../src/core/errors.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { instanceFor } from './instance.ts';

/** A GPU, or a driver that runs on the CPU, that WebGPU offers on this machine. */
export interface AdapterDescription {
  /** As `listAdapters` has it. */
  readonly name: string;
  readonly vendor: string;
  /** Its name and version. */
  readonly driver: string;
  /** True for a driver that computes on the CPU (lavapipe, SwiftShader): correct, but slower than the cpu backend. */
  readonly isSoftware: boolean;
  readonly hasFloat16: boolean;
}

export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly description: AdapterDescription;
  readonly capabilities: Capabilities;
}

/** An adapter as WebGPU's implementation lists it. */
export interface ListedAdapter {
  /** vulkan, metal or d3d12, and others that cannot compute what is needed here. */
  readonly backend: string;
  readonly name: string;
}

/**
 * The adapter to use: the fastest, or that chosen by its place in `listAdapters()` or a part of its name. Undefined where
 * there is none at all; throws a BackendError where there is none of the choice.
 */
export async function findAdapter(choice?: string): Promise<FoundAdapter | undefined> {
  const listed = choice === undefined ? undefined : chosen(choice, await listAdapters());
  const flags = listed === undefined ? [] : flagsOf(listed);
  const instance = instanceFor(flags);
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter !== null) return describeFound(adapter, instance, listed ?? (await listedAs(adapter)));
  if (listed === undefined) return undefined;
  throw new BackendError('NO_ADAPTER', `the GPU adapter ${show(listed)} cannot compute what is needed`);
}

/**
 * The adapters that can be told apart, in the order that `findAdapter` counts them by: of several of one name
 * WebGPU's implementation gives the first.
 */
export async function listAdapters(): Promise<ListedAdapter[]> {
  const isFirst = ({ backend, name }: ListedAdapter, i: number, all: readonly ListedAdapter[]) =>
    all.findIndex((other) => other.backend === backend && other.name === name) === i;
  return (await allAdapters()).filter(isFirst);
}

/** Several of one name too. */
export async function allAdapters(): Promise<ListedAdapter[]> {
  try {
    // there is no other way to ask: the error for a name that does not exist lists those that do
    await create([`adapter=${NO_SUCH_NAME}`]).requestAdapter();
    return [];
  } catch (error) {
    const lines = reasonOf(error).matchAll(/backend: '([^']*)', name: '([^\n]*)'/g);
    return [...lines].map(([, backend = '', name = '']) => ({ backend, name }));
  }
}

const NO_SUCH_NAME = 'millrace-lists-adapters';

/** Undefined where there is nothing to choose from. */
function chosen(choice: string, adapters: readonly ListedAdapter[]): ListedAdapter | undefined {
  if (adapters.length === 0) return undefined;
  const isPart = ({ name }: ListedAdapter) => name.toLowerCase().includes(choice.toLowerCase());
  const found = /^\d+$/.test(choice) ? adapters[Number(choice)] : adapters.find(isPart);
  if (found !== undefined) return found;
  const all = adapters.map((adapter, i) => `${i} ${show(adapter)}`).join(', ');
  throw new BackendError('NO_ADAPTER', `no GPU adapter '${choice}'; there are: ${all}`);
}

const show = ({ backend, name }: ListedAdapter): string => `${name} (${backend})`;

/** By what adapters say of themselves: their names in lower case, other characters than letters and digits replaced. */
const known = new Map<string, ListedAdapter>();

async function listedAs({ info }: GPUAdapter): Promise<ListedAdapter | undefined> {
  if (!known.has(info.device)) {
    for (const adapter of (await listAdapters()).reverse())
      known.set(adapter.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'), adapter);
  }
  return known.get(info.device);
}

const flagsOf = ({ backend, name }: ListedAdapter): string[] => [`backend=${backend}`, `adapter=${name}`];

/** @param listed as the list has it, where it does */
export const describeFound = (
  adapter: GPUAdapter,
  instance: GPU,
  listed: ListedAdapter | undefined,
): FoundAdapter => ({
  adapter,
  description: describe(adapter, listed),
  capabilities: capabilitiesOf(adapter, instance),
});

function describe({ info, features }: GPUAdapter, listed: ListedAdapter | undefined): AdapterDescription {
  const { vendor, device, description, architecture, isFallbackAdapter } = info;
  return {
    name: listed?.name ?? (device || architecture),
    vendor,
    driver: description,
    isSoftware: isFallbackAdapter || architecture === 'software',
    hasFloat16: features.has('shader-f16'),
  };
}

const advice: Partial<Record<NodeJS.Platform, string>> = {
  linux: "install the GPU vendor's Vulkan driver and libvulkan1 (software: mesa-vulkan-drivers >= 23)",
  darwin: 'macOS needs nothing installed: a Mac with Metal has an adapter',
  win32: "install the GPU vendor's driver (Direct3D 12)",
};

/** What to do where there is no adapter. */
export const adapterAdvice = (): string => advice[process.platform] ?? 'install a Vulkan driver';
