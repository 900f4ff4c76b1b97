import { describe, expect, it } from 'vitest';
import { busAddresses, onlyAt } from '../../../backends/gpu/device/ask-hardware.ts';
import type { HardwareAdapter } from '../../../backends/gpu/device/hardware-adapters.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { adapterOfRank } from '../../../src/training/adapter-of-rank.ts';
import { type CompleteOptions, completeOptions } from '../../../src/training/complete-options.ts';
import { patternItems } from '../../support/raw-images.ts';

const options = completeOptions({ data: images(patternItems(4)) });
const arc: HardwareAdapter = { choice: '2', name: 'Arc', count: 1 };
const radeon: HardwareAdapter = { choice: '0', name: 'Radeon', count: 1 };
const tesla = (count: number): HardwareAdapter => ({ choice: '1', name: 'Tesla', count });

/** A machine whose driver can be told to show one GPU of a name, if it has addresses for them. */
function machineOf(adapters: readonly HardwareAdapter[], addresses: readonly string[] = []) {
  const environment: Record<string, string | undefined> = {};
  const shown = (given: Readonly<Record<string, string>> = {}) =>
    addresses.some((address) => onlyAt(address).DRI_PRIME === given['DRI_PRIME'])
      ? adapters.filter(({ count }) => count > 1).map((adapter) => ({ ...adapter, choice: '0', count: 1 }))
      : [...adapters];
  return {
    environment,
    adapters: async (given?: Readonly<Record<string, string>>) => shown(given),
    addresses: async () => [...addresses],
  };
}

/** What each of so many ranks of the machine takes, and what it is told. */
const takenBy = (
  ranks: number,
  machine: () => ReturnType<typeof machineOf>,
  more: Partial<CompleteOptions> = {},
) =>
  Promise.all(
    Array.from({ length: ranks }, async (_, localRank) => {
      const [warned, own] = [[] as string[], machine()];
      const place = { localRank, localSize: ranks };
      const warn = (line: string) => warned.push(line);
      const taken = await adapterOfRank(place, { ...options, ...more }, warn, own);
      return { taken, warned, shows: own.environment['DRI_PRIME'] };
    }),
  );

describe('the GPU of a rank', () => {
  it("is the machine's next: they take turns", async () => {
    const all = await takenBy(3, () => machineOf([arc, radeon]));
    expect(all.map(({ taken }) => taken)).toEqual(['2', '0', '2']);
    expect(all.flatMap(({ warned }) => warned)).toEqual([]);
  });

  it('is left to WebGPU where there is one, or none, or a rank has the machine for itself', async () => {
    for (const [ranks, adapters] of [
      [2, [arc]],
      [2, []],
      [1, [arc, radeon]],
    ] as const)
      for (const one of await takenBy(ranks, () => machineOf(adapters)))
        expect(one).toEqual({ taken: undefined, warned: [], shows: undefined });
  });

  it('is the one that is asked for', async () => {
    const stream = { ...options.stream, gpuAdapter: 'Arc' };
    const all = await takenBy(2, () => machineOf([radeon, arc]), { stream });
    expect(all.map(({ taken }) => taken)).toEqual(['Arc', 'Arc']);
  });

  it('is looked for only where something may compute on it', async () => {
    const machine = () => ({
      ...machineOf([]),
      adapters: async () => expect.unreachable('looked for') as HardwareAdapter[],
    });
    await takenBy(2, machine, { device: 'cpu' });
    await takenBy(2, machine, { trainer: 'tfjs' });
    const gpu = { device: 'cpu', stream: { ...options.stream, backend: 'dali-gpu' } } as const;
    const all = await takenBy(2, () => machineOf([arc, radeon]), gpu);
    expect(all.map(({ taken }) => taken)).toEqual(['2', '0']);
  });

  it('of several of one name is the one that the driver is told to show alone', async () => {
    const addresses = ['0000:01:00.0', '0000:21:00.0'];
    const all = await takenBy(3, () => machineOf([tesla(2), arc], addresses));
    expect(all).toEqual([
      { taken: undefined, warned: [], shows: 'pci-0000_01_00_0' },
      { taken: undefined, warned: [], shows: 'pci-0000_21_00_0' },
      { taken: '2', warned: [], shows: undefined },
    ]);
  });

  it('is shared, which is said, where they cannot be told apart', async () => {
    const [first, second] = await takenBy(2, () => machineOf([tesla(4)]));
    for (const one of [first, second])
      expect(one).toMatchObject({
        ...{ taken: undefined, shows: undefined },
        warned: [expect.stringContaining('2 ranks of this machine use one Tesla of 4')],
      });
  });

  it('is shared where the driver was told and shows all the same', async () => {
    const deaf = machineOf([tesla(2)]);
    const machine = () => ({ ...deaf, addresses: async () => ['0000:01:00.0', '0000:21:00.0'] });
    for (const { warned, shows } of await takenBy(2, machine)) {
      expect(warned).toHaveLength(1);
      expect(shows).toBeUndefined();
    }
  });
});

it("reads addresses from the list of Mesa's layer", () => {
  const list = [
    'selectable devices:',
    '  GPU 0: 10de:2330 "NVIDIA H100 80GB" discrete GPU 0000:1b:00.0',
    '  GPU 1: 8086:56a0 "Arc "A770"" discrete GPU 0000:03:00.0',
    '  GPU 2: 10de:2330 "NVIDIA H100 80GB" discrete GPU 0000:43:00.0',
    '  GPU 3: 10005:0 "llvmpipe (LLVM 15.0.6, 256 bits)" CPU',
    '',
  ].join('\n');
  expect(busAddresses(list, 'NVIDIA H100 80GB')).toEqual(['0000:1b:00.0', '0000:43:00.0']);
  expect(busAddresses(list, 'Arc "A770"')).toEqual(['0000:03:00.0']);
  expect(busAddresses(list, 'llvmpipe (LLVM 15.0.6, 256 bits)')).toEqual([]);
});
