import { expect, it } from 'vitest';
import { photoFolder } from '../support/photos.ts';
import { script } from '../support/processes.ts';

/** bench/soak.ts in its short form, after `before` has run in the same process. */
async function soak(before: string) {
  const flags = [
    '--size',
    '32',
    '--batch-size',
    '32',
    '--workers',
    '2',
    '--warmup',
    '8000',
    '--images',
    '4000',
  ];
  const args = ['--data', await photoFolder(32), ...flags];
  const main = new URL('../../bench/soak.js', import.meta.url);
  return script(`${before}; process.argv.push(...${JSON.stringify(args)}); await import('${main}');`);
}

it('thousands of images leave memory, descriptors, handles and threads as they were', async () => {
  const { code, stdout, stderr, isAlone } = await soak('');
  expect({ code, stderr, isAlone }).toEqual({ code: 0, stderr: '', isAlone: true });
  expect(stdout).toMatch(/\| held by the engine +\|/);
  expect(stdout).toMatch(/passed\n$/);
});

it('a process that leaks memory and handles, and never ends, fails', async () => {
  const leak = `
    const kept = [];
    setInterval(() => kept.push(Buffer.alloc(2 ** 20, 1), setTimeout(() => {}, 2 ** 30)), 10)`;
  const { code, stdout, stderr } = await soak(leak);
  expect(code).toBe(1);
  expect(stdout).toMatch(/failed: own memory grew from \S+ MiB to \S+ MiB/);
  expect(stdout).toMatch(/failed: handles grew/);
  expect(stderr).toContain('failed: the process is alive: ');
});
