import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import {
  describeOnEachMpi,
  type Mpi,
  millraceOn,
  nodeOn,
  type RanksOptions,
  type RanksRun,
} from '../support/mpi.ts';
import { photo } from '../support/photos.ts';
import { main, scriptArguments, signal } from '../support/processes.ts';
import { checkpointIn } from '../support/rank-runs.ts';

const flags = [
  ...['--image-size', '16', '--width', '0.1', '--depth', '0.2', '--batch-size', '4', '--epochs', '2'],
  ...['--workers', '1', '--json'],
];
const onCpu = ['--device', 'cpu', '--threads', '1'];

async function photos(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const files: Record<string, string | Uint8Array> = { ...more };
  for (let i = 0; i < 16; i++) files[`${i % 2 ? 'cat' : 'dog'}/${i}.jpg`] = await photo(i, 32, 24);
  return folderOf(files);
}

/** Runs millrace in a folder of its own on each rank, `0` or `1`: there it would write what it writes. */
const inOwnFolder = (folder: string) => `
  process.chdir(${JSON.stringify(folder)});
  process.chdir(process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK);
  await import(${JSON.stringify(pathToFileURL(main).href)});`;

/** Its part fails on the second rank, while the first waits for the sum. */
const failingTrainer = `
  const isFirst = (process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK) === '0';
  export const createTrainer = () => ({
    name: 'failing',
    prepare: async () => {},
    trainStep: async () => ({ loss: 0 }),
    contribution: async () => {
      if (!isFirst) throw new Error('no memory is left');
      return { vector: new Float32Array(1) };
    },
    applySum: async () => ({ loss: 0 }),
    evaluateStep: async ({ labels }) => ({ lossSum: 0, top1: 0, top5: 0, rows: labels.length }),
    state: async () => ({ weights: {}, optimizer: {} }),
    load: async () => {},
    close: async () => {},
  });`;

const train = (mpi: Mpi, data: string, workspace: string, more: string[], options?: RanksOptions) =>
  millraceOn(mpi, 2, ['train', data, ...flags, '--workspace', workspace, ...more], options);

const linesWith = (text: string, stderr: string) => stderr.split('\n').filter((line) => line.includes(text));

describeOnEachMpi('millrace train on two ranks', (mpi) => {
  it('writes and prints on the first alone', async () => {
    const [data, folder] = [await photos(), folderOf()];
    for (const rank of ['0', '1']) mkdirSync(join(folder, rank));
    const script = scriptArguments({}, inOwnFolder(folder));
    const args = [...script, 'millrace', 'train', data, ...flags, ...onCpu, '--workspace', 'run'];
    const { code, stdout, stderr } = await nodeOn(mpi, 2, args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, '0', 'run'))).toContain('checkpoint.safetensors');
    expect(readdirSync(join(folder, '1'))).toEqual([]);
    const steps = stdout
      .split('\n')
      .flatMap((line) => (line.includes('"step":') ? [JSON.parse(line).step] : []));
    expect(steps.filter((step) => step !== undefined)).toEqual([0, 1, 2, 3]);
    expect(linesWith('trained 4 steps, 32 images', stderr)).toHaveLength(1);
    expect(linesWith('2 ranks: a step is the sum of 2 parts of 4 images', stderr)).toHaveLength(1);
    expect(stdout).toMatch(new RegExp(`"run.environment":\\{[^\n]*"ranks":"2 on ${mpi.name} `));
  });

  it('says what is wrong with the data once, and saves the steps before it', async () => {
    const [data, workspace] = [await photos({ 'dog/99.jpg': '<html>' }), folderOf()];
    const { code, stderr, left } = await train(mpi, data, workspace, [...onCpu, '--checkpoint-steps', '1']);
    expect({ code, left }).toEqual({ code: 1, left: [] });
    expect(linesWith('99.jpg', stderr)).toEqual([
      expect.stringMatching(/^error: rank \d of 2: dog\/99\.jpg: .* \[NOT_AN_IMAGE\]$/),
    ]);
  });

  it('ends with code 2, once said, where a flag is wrong for all', async () => {
    const { code, stderr } = await train(mpi, await photos(), folderOf(), ['--parts', '3']);
    expect(code).toBe(2);
    expect(linesWith('parts must be a power of two', stderr)).toHaveLength(1);
  });

  it.each([0, 1])('saves and stops all where rank %i is interrupted', async (rank) => {
    const [data, workspace] = [await photos(), folderOf()];
    let running: RanksRun | undefined;
    const stop: RanksOptions = {
      onRun: (run) => {
        running = run;
      },
      onLine: (line) => {
        if (line.startsWith('{"step":3,')) signal(running?.ranks().get(rank) as number, 'SIGTERM');
      },
    };
    const { code, stderr, left } = await train(mpi, data, workspace, [...onCpu, '--epochs', '500'], stop);
    expect({ code, left }, stderr).toEqual({ code: 130, left: [] });
    expect(linesWith('interrupted', stderr)).toEqual([
      rank === 0 ? 'interrupted: finishing this step (again: stop at once)' : 'rank 1 of 2: interrupted',
    ]);
    const { metadata } = await checkpointIn(workspace);
    expect(JSON.parse(metadata['training'] as string).state.cursor.step).toBeGreaterThan(3);
  });

  it('ends at once, with its words and code, where one alone fails within a step', async () => {
    const trainer = join(folderOf({ 'trainer.mjs': failingTrainer }), 'trainer.mjs');
    const { code, stderr, left } = await train(mpi, await photos(), folderOf(), ['--trainer', trainer]);
    expect({ code, left }).toEqual({ code: 1, left: [] });
    expect(linesWith('[TRAINER_FAILED]', stderr), stderr).toEqual([
      expect.stringMatching(/^error: rank 1 of 2: .*no memory is left/),
    ]);
  });

  it('gives up a rank that hangs', async () => {
    let running: RanksRun | undefined;
    const halt: RanksOptions = {
      onRun: (run) => {
        running = run;
      },
      onLine: (line) => {
        if (line.startsWith('{"step":3,')) signal(running?.ranks().get(1) as number, 'SIGSTOP');
      },
    };
    const more = [...onCpu, '--epochs', '500', '--rank-timeout', '3'];
    const { code, stderr, left } = await train(mpi, await photos(), folderOf(), more, halt);
    expect({ code, left }, stderr).toEqual({ code: 1, left: [] });
    expect(linesWith('RANK_TIMEOUT', stderr), stderr).toEqual([
      expect.stringMatching(/^error: rank 0 of 2: waited 3 s for other ranks in .* \[RANK_TIMEOUT\]$/),
    ]);
  });
});
