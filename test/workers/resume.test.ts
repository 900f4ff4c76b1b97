import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../src/trainers/checkpoint.ts';
import { folderOf } from '../support/folders.ts';
import { photo } from '../support/photos.ts';
import { type Finished, millrace, type ProcessOptions } from '../support/processes.ts';

/** Every source of chance there is, and an update that spans the end of an epoch of 4 steps. */
const flags = [
  ...['--arch', 'efficientnet-b4', '--width', '0.1', '--depth', '0.25', '--image-size', '16'],
  ...['--batch-size', '4', '--optimizer-batch-size', '12', '--epochs', '3', '--use-ema', '0.9'],
  ...['--augmentation', 'autoaugment', '--mixup', '0.2', '--optimizer', 'rmsprop', '--lr', '0.01'],
  ...['--workers', '1', '--checkpoint-steps', '3', '--digest', '--json'],
];
const STEPS = 12;

const dataFolder = async (): Promise<string> => {
  const files: Record<string, Uint8Array> = {};
  for (const name of ['cat', 'dog']) {
    for (let i = 0; i < 8; i++) files[`train/${name}/${i}.jpg`] = await photo(i, 32, 24);
    files[`val/${name}/0.jpg`] = await photo(40, 32, 24);
  }
  return folderOf(files);
};

const train = (
  data: string,
  workspace: string,
  options: ProcessOptions,
  ...more: string[]
): Promise<Finished> =>
  millrace(['train', data, ...flags, '--workspace', workspace, ...more], { timeoutMs: 60_000, ...options });

/** Calls `action` when this step's metrics come. */
const atStep = (step: number, action: (pid: number) => void): ProcessOptions => ({
  onLine: (line, pid) => line.startsWith(`{"step":${step},`) && action(pid),
});

const metricsOf = (workspace: string): Record<string, number>[] =>
  readFileSync(join(workspace, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const checkpointOf = (workspace: string, name = 'checkpoint.safetensors') =>
  loadCheckpoint(join(workspace, name));

/** Losses by step; a step that was made again counts with its last. */
const lossesOf = (workspace: string): Map<number, unknown> =>
  new Map(
    metricsOf(workspace).flatMap(({ step, 'train.loss': loss }) =>
      step === undefined ? [] : [[step, loss] as const],
    ),
  );

describe('a training that was interrupted goes on to the same weights', () => {
  it('after kill -9 at any moment, and after SIGTERM', async () => {
    const data = await dataFolder();
    const [whole, killed, stopped] = [folderOf(), folderOf(), folderOf()];
    const delay = Math.random() * 300;
    const victim = Math.floor(3 + Math.random() * (STEPS - 4));
    const kill = atStep(victim, (pid) => setTimeout(() => process.kill(-pid, 'SIGKILL'), delay));
    const stop = atStep(4, (pid) => process.kill(pid, 'SIGTERM'));
    const [uninterrupted, first, second] = await Promise.all([
      train(data, whole, {}),
      train(data, killed, kill),
      train(data, stopped, stop),
    ]);
    expect(uninterrupted).toMatchObject({ code: 0 });
    expect(second).toMatchObject({ code: 130 });
    const context = `killed ${delay.toFixed(0)} ms after step ${victim}, code ${first.code}`;

    const resumed = await Promise.all([
      train(data, killed, {}, '--resume', killed),
      train(data, stopped, {}, '--resume', join(stopped, 'checkpoint.safetensors')),
    ]);
    const expected = await checkpointOf(whole);
    for (const [i, workspace] of [killed, stopped].entries()) {
      expect(resumed[i], context).toMatchObject({ code: 0 });
      expect(await checkpointOf(workspace), context).toEqual(expected);
      expect(lossesOf(workspace), context).toEqual(lossesOf(whole));
      expect(metricsOf(workspace).at(-1), context).toEqual(metricsOf(whole).at(-1));
      const names = readdirSync(workspace).filter((name) => name.endsWith('.tmp'));
      expect(names, context).toEqual([]);
    }
    expect(Object.keys(expected.state.gradients ?? {})).toEqual([]);
    expect(Object.keys(expected.state.average ?? {})).toEqual(Object.keys(expected.state.weights));
    // the signal let its step finish, so no step was made twice
    const steps = metricsOf(stopped).flatMap(({ step }) => step ?? []);
    expect(steps).toEqual(Array.from({ length: STEPS }, (_, step) => step));
    const from = metricsOf(stopped).find((record) => 'run.resumed' in record);
    expect(from).toMatchObject({ 'run.step': 5 });
  });
});
