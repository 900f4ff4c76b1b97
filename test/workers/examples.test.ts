import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';

const examples = readdirSync('examples').filter((name) => name.endsWith('.js'));

/** What `node examples/<name>` prints, in an empty folder. */
const run = (name: string) =>
  promisify(execFile)(process.execPath, [resolve('examples', name)], { cwd: folderOf(), timeout: 240_000 });

describe('the examples', () => {
  it.each(examples)('%s runs to its end without a word on stderr', async (name) => {
    expect((await run(name)).stderr).toBe('');
  });

  it('own-operator.js shows what the operator drew for every image', async () => {
    const { stdout } = await run('own-operator.js');
    expect(stdout.match(/"operator":"tint","values":{"channel":[012],"amount":[0-9]+}/g)).toHaveLength(4);
  });
});
