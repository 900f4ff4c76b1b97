import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runLimited } from '../../../../bench/gpu/limited-process.ts';
import { folderOf } from '../../../support/folders.ts';

async function run(code: string, seconds: number) {
  let output = '';
  const outcome = await runLimited(['--eval', code], seconds, (text) => {
    output += text;
  });
  return { outcome, output };
}

it('hands on what a process prints, and says how it ended', async () => {
  expect(await run('console.log("a"); console.log("b")', 60)).toEqual({ outcome: 'done', output: 'a\nb\n' });
  expect((await run('process.exit(3)', 60)).outcome).toBe('failed');
});

it('ends a process that takes too long, with those that it has started', async () => {
  const folder = folderOf();
  const [started, late] = [join(folder, 'started'), join(folder, 'late')];
  const child = `
    const { writeFileSync } = require('node:fs');
    writeFileSync(${JSON.stringify(started)}, '');
    setTimeout(() => writeFileSync(${JSON.stringify(late)}, ''), 3000);`;
  const code = `
    require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(child)}], { stdio: 'inherit' });
    console.log('begun');
    setInterval(() => {}, 1000);`;
  expect(await run(code, 1.5)).toEqual({ outcome: 'too long', output: 'begun\n' });
  expect(existsSync(started)).toBe(true);
  await wait(2500);
  expect(existsSync(late)).toBe(false);
});
