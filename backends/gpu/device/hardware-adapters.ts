import { type AdapterDescription, allAdapters, findAdapter, listAdapters } from './adapter.ts';

/** GPUs of one name. WebGPU cannot tell them apart: whoever chooses one gets the first. */
export interface HardwareAdapter {
  /** By which `findAdapter` finds the first of them. */
  readonly choice: string;
  readonly name: string;
  /** How many there are. */
  readonly count: number;
}

/** The interface that each system's GPUs are best at; by others they are listed once more. */
const interfaces: Partial<Record<NodeJS.Platform, string>> = { darwin: 'metal', win32: 'd3d12' };

/** The machine's GPUs, the fastest first. */
export async function hardwareAdapters(
  isWanted = ({ isSoftware }: AdapterDescription): boolean => !isSoftware,
): Promise<HardwareAdapter[]> {
  const all = await allAdapters();
  const native = interfaces[process.platform] ?? 'vulkan';
  const found: HardwareAdapter[] = [];
  for (const [place, { backend, name }] of (await listAdapters()).entries()) {
    const choice = String(place);
    if (backend !== native || !(await isFound(choice, isWanted))) continue;
    const count = all.filter((other) => other.backend === backend && other.name === name).length;
    found.push({ choice, name, count });
  }
  const fastest = (await findAdapter())?.description.name;
  return found.sort((a, b) => Number(b.name === fastest) - Number(a.name === fastest));
}

/** Not where it cannot compute what is needed. */
async function isFound(choice: string, isWanted: (found: AdapterDescription) => boolean): Promise<boolean> {
  const found = await findAdapter(choice).catch(() => undefined);
  return found !== undefined && isWanted(found.description);
}
