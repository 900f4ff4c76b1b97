import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askHardware } from '../../backends/gpu/device/ask-hardware.ts';
import type { HardwareAdapter } from '../../backends/gpu/device/hardware-adapters.ts';
import { folderOf } from '../support/folders.ts';
import { adapter, itOnGpu } from '../support/gpu.ts';

/** Mesa's driver that computes on the CPU: of it there can be as many as one likes. */
const driver = ['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json']
  .map((name) => `/usr/share/vulkan/icd.d/${name}`)
  .find((path) => existsSync(path));

/** The adapters that a process of its own finds, software too, with so many copies of the driver. */
function adaptersOf(copies: number): HardwareAdapter[] {
  const folder = folderOf();
  const files = Array.from({ length: copies }, (_, i) => join(folder, `${i}.json`));
  for (const file of files) copyFileSync(driver as string, file);
  const module = new URL('../../backends/gpu/device/hardware-adapters.js', import.meta.url);
  const code = `const { hardwareAdapters } = await import('${module}');
    process.stdout.write(JSON.stringify(await hardwareAdapters(() => true)));`;
  const env = { ...process.env, VK_DRIVER_FILES: files.join(':'), VK_ICD_FILENAMES: files.join(':') };
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    ...{ env, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' },
  });
  return JSON.parse(output) as HardwareAdapter[];
}

describe.skipIf(driver === undefined)('GPUs of one name', () => {
  it.each([1, 2, 3])('are listed once, with how many there are: %i', (copies) => {
    const found = adaptersOf(copies);
    expect(found).toEqual([{ choice: '0', name: expect.stringMatching(/llvmpipe/), count: copies }]);
  });
});

itOnGpu('are listed by a process that asks for hardware, without drivers that run on the CPU', async () => {
  const names = (await askHardware()).map(({ name }) => name);
  expect(names.includes(adapter?.name as string)).toBe(adapter?.isSoftware === false);
});
