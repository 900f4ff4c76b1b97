import { askProgram } from './ask-program.ts';
import type { HardwareAdapter } from './hardware-adapters.ts';

const PROGRAM = './hardware-probe.js';

/** What `hardwareAdapters` finds with such variables in the environment, asked in a process of its own. */
export async function askHardware(
  environment: Readonly<Record<string, string>> = {},
): Promise<HardwareAdapter[]> {
  return JSON.parse((await askProgram(PROGRAM, [], environment)).stdout);
}

/**
 * PCI addresses of the GPUs of a name, as Mesa's layer for Vulkan has them; none where it is not installed. It works with
 * others' drivers too.
 */
export async function askBusAddresses(name: string): Promise<string[]> {
  const { stderr } = await askProgram(PROGRAM, [], { MESA_VK_DEVICE_SELECT: 'list' });
  return busAddresses(stderr, name);
}

/** From lines such as `GPU 0: 10de:2330 "NVIDIA H200" discrete GPU 0000:01:00.0`. */
export const busAddresses = (list: string, name: string): string[] =>
  [...list.matchAll(/^ *GPU \d+: \S+ "(.*)" .*\b([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)$/gm)].flatMap(
    ([, found, address]) => (found === name ? [address as string] : []),
  );

/** Has the layer show a program this GPU alone. */
export const onlyAt = (address: string) => ({
  DRI_PRIME: `pci-${address.replaceAll(/[:.]/g, '_')}`,
  MESA_VK_DEVICE_SELECT_FORCE_DEFAULT_DEVICE: '1',
});
