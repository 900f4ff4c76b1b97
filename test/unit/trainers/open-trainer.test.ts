import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ParameterError, TrainerError } from '../../../src/core/errors.ts';
import { openTrainer, trainersFor } from '../../../src/trainers/open-trainer.ts';

describe('openTrainer', () => {
  let folder = '';
  const write = async (name: string, source: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, source);
    return path;
  };
  const body = `async prepare() {}, async trainStep() { return { loss: 1 }; }, async evaluateStep() {},
    async state() {}, async load() {}, async close() {}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-trainer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('opens the built-in trainers by name', async () => {
    expect((await openTrainer('none')).name).toBe('none');
    expect((await openTrainer('tfjs')).name).toBe('tfjs');
  });

  it('has none that cannot train in parts', async () => {
    for (const name of ['none', 'tfjs', 'graph'])
      expect(await openTrainer(name)).toMatchObject({
        contribution: expect.any(Function),
        applySum: expect.any(Function),
      });
  });

  it('knows which of them compute in mixed precision, without a GPU', async () => {
    expect(await trainersFor('mixed')).toEqual(['graph']);
    expect(await trainersFor('tf32')).toEqual([]);
  });

  it("opens a user's trainer by path or URL", async () => {
    const path = await write('plain.mjs', `export const trainer = { name: 'mine', ${body} };`);
    expect((await openTrainer(path)).name).toBe('mine');
    expect((await openTrainer(pathToFileURL(path).href)).name).toBe('mine');
  });

  it("hands the options to a user's createTrainer", async () => {
    const source = `export const createTrainer = async (options) => ({ name: options.backend, ${body} });`;
    expect((await openTrainer(await write('made.mjs', source), { backend: 'abacus' })).name).toBe('abacus');
  });

  it('says which names there are when it is given another', async () => {
    await expect(openTrainer('torch')).rejects.toThrow(
      /trainer must be none, tfjs, graph, or a module .* got torch/,
    );
    await expect(openTrainer('toString')).rejects.toThrow(ParameterError);
  });

  it('says what a module lacks', async () => {
    const empty = await write('empty.mjs', 'export const other = 1;');
    await expect(openTrainer(empty)).rejects.toThrow(/no export trainer or createTrainer/);
    const half = await write(
      'half.mjs',
      'export const trainer = { async prepare() {}, async trainStep() {} };',
    );
    await expect(openTrainer(half)).rejects.toThrow(/no evaluateStep, state, load, close/);
  });

  it('carries the reason why a module does not load', async () => {
    const broken = await write('broken.mjs', "throw new Error('out of grain');");
    await expect(openTrainer(broken)).rejects.toThrow(/cannot be loaded: out of grain/);
    await expect(openTrainer('./no-such-trainer.mjs')).rejects.toThrow(TrainerError);
  });

  it('names the backends when tfjs is asked for another', async () => {
    await expect(openTrainer('tfjs', { backend: 'gpu9' })).rejects.toThrow(
      /backend must be one of wasm, webgpu, cpu, node, node-gpu, got gpu9/,
    );
  });
});
