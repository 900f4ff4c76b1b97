import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// it comes with vitest, and takes the same options as esbuild in all that matters here
const rolldown = resolve('node_modules', 'rolldown', 'bin', 'cli.mjs');
// inside the package, so that a module's `import ... from 'millrace'` finds it
const folder = resolve('dist', 'test', 'bundle');

const tint = `
import { defineOperator } from 'millrace';
import { lut } from 'millrace/kernels';
export const brighten = defineOperator({
  name: 'brighten',
  module: import.meta.url,
  parameters: { levels: { min: 0, max: 255, unit: 'levels', default: 40 } },
  lower: ({ levels }: { levels: number }) => [
    lut({ tables: Uint8Array.from({ length: 768 }, (_, i) => Math.min(255, (i & 255) + levels)) }),
  ],
});`;
const main = `
import { images, pipeline, randomResizedCrop } from 'millrace';
import { brighten } from './tint.ts';
const image = { data: new Uint8Array(300), width: 10, height: 10 };
const stream = pipeline(images([{ image }]), { workers: 1, seed: 1, digest: true } as const)
  .pipe(randomResizedCrop(8), brighten({ levels: 3 }));
for await (const batch of stream) console.log(batch.digest);`;

/** Bundles these entries, and runs the script among them. */
function runBundled(name: string, entries: readonly string[]) {
  const out = join(folder, name);
  const flags = [
    '--format',
    'esm',
    '--platform',
    'node',
    '--external',
    'millrace',
    '--external',
    'millrace/kernels',
  ];
  execFileSync(process.execPath, [rolldown, ...entries, ...flags, '--dir', out], {
    cwd: folder,
    stdio: 'pipe',
  });
  return spawnSync(process.execPath, [join(out, 'main.js')], { encoding: 'utf8' });
}

describe.skipIf(!existsSync(rolldown))('a script that was bundled, with millrace left outside', () => {
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'tint.ts'), tint);
    writeFileSync(join(folder, 'main.ts'), main);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('runs its own operator on threads where that is an entry too', () => {
    const { status, stdout, stderr } = runBundled('apart', ['main.ts', 'tint.ts']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
  });

  it('says what to do where the bundler put both into one file', () => {
    const { status, stderr } = runBundled('together', ['main.ts']);
    expect(status).toBe(1);
    expect(stderr).toContain('PIPELINE_IN_THREAD');
    expect(stderr).toContain('a bundler must leave it a file of its own (docs/pipelines.md, "Bundlers")');
  });
});
