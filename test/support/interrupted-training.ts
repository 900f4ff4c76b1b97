import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadCheckpoint } from '../../src/trainers/checkpoint.ts';
import { folderOf } from './folders.ts';
import { photo } from './photos.ts';
import { type Finished, killGroup, millrace, type ProcessOptions, signal } from './processes.ts';

/** Every source of chance there is; updates of 3 steps, which span the ends of epochs of 4 and of checkpoints of 2. */
const flags = [
  ...['--arch', 'efficientnet-b4', '--width', '0.1', '--depth', '0.25', '--image-size', '16'],
  ...['--batch-size', '4', '--optimizer-batch-size', '12', '--epochs', '3', '--use-ema', '0.9'],
  ...['--augmentation', 'autoaugment', '--mixup', '0.2', '--optimizer', 'rmsprop', '--lr', '0.01'],
  ...['--workers', '1', '--checkpoint-steps', '2', '--digest', '--json'],
];
const STEPS = 12;

export const dataFolder = async (): Promise<string> => {
  const files: Record<string, Uint8Array> = {};
  for (const name of ['cat', 'dog']) {
    for (let i = 0; i < 8; i++) files[`train/${name}/${i}.jpg`] = await photo(i, 32, 24);
    files[`val/${name}/0.jpg`] = await photo(40, 32, 24);
  }
  return folderOf(files);
};

/** Trains with the flags, in a process of its own. */
export const trainInterruptibly = (
  data: string,
  workspace: string,
  options: ProcessOptions,
  ...more: string[]
): Promise<Finished> => millrace(['train', data, ...flags, '--workspace', workspace, ...more], options);

/** Whether a line has this step's metrics. */
const isOfStep = (step: number, line: string): boolean => line.startsWith(`{"step":${step},`);

export const metricsOf = (workspace: string): Record<string, number>[] =>
  readFileSync(join(workspace, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

export const checkpointOf = (workspace: string, name = 'checkpoint.safetensors') =>
  loadCheckpoint(join(workspace, name));

/** Losses by step; a step that was made again counts with its last. */
export const lossesOf = (workspace: string): Map<number, unknown> =>
  new Map(
    metricsOf(workspace).flatMap(({ step, 'train.loss': loss }) =>
      step === undefined ? [] : [[step, loss] as const],
    ),
  );

/**
 * That a training which was killed at any moment, and one that a signal stopped, go on to the same checkpoint and metrics,
 * byte for byte, with another number of workers too.
 *
 * @param trainer flags that say which trainer computes, and how
 * @param again flags of each training that goes on
 */
export async function expectSameAfterInterruption(
  trainer: readonly string[],
  again: readonly [readonly string[], readonly string[]] = [[], []],
): Promise<void> {
  const train = (data: string, workspace: string, options: ProcessOptions, ...more: string[]) =>
    trainInterruptibly(data, workspace, options, ...trainer, ...more);

  const data = await dataFolder();
  const [whole, killed, stopped] = [folderOf(), folderOf(), folderOf()];
  // early enough that the run has not ended by then
  const victim = Math.floor(3 + Math.random() * (STEPS / 2 - 3));
  const later = 2 * Math.random();
  let begin = 0;
  const kill: ProcessOptions = {
    onLine(line, pid) {
      if (isOfStep(0, line)) begin = performance.now();
      const stepMs = (performance.now() - begin) / victim;
      if (isOfStep(victim, line)) setTimeout(() => killGroup(pid), later * stepMs);
    },
  };
  const stop: ProcessOptions = { onLine: (line, pid) => isOfStep(4, line) && signal(pid, 'SIGTERM') };
  const [uninterrupted, first, second] = await Promise.all([
    train(data, whole, {}),
    train(data, killed, kill),
    train(data, stopped, stop),
  ]);
  expect(uninterrupted).toMatchObject({ code: 0 });
  expect(second).toMatchObject({ code: 130 });
  const context = `killed ${later.toFixed(2)} steps after step ${victim}, code ${first.code}`;

  const resumed = await Promise.all([
    train(data, killed, {}, '--resume', killed, '--workers', '3', ...again[0]),
    train(
      data,
      stopped,
      {},
      '--resume',
      join(stopped, 'checkpoint.safetensors'),
      '--workers',
      '0',
      ...again[1],
    ),
  ]);
  const expected = readFileSync(join(whole, 'checkpoint.safetensors'));
  for (const [i, workspace] of [killed, stopped].entries()) {
    expect(resumed[i], context).toMatchObject({ code: 0 });
    const bytes = readFileSync(join(workspace, 'checkpoint.safetensors'));
    // not toEqual, which takes minutes to show how they differ
    expect(bytes.equals(expected), context).toBe(true);
    expect(lossesOf(workspace), context).toEqual(lossesOf(whole));
    expect(metricsOf(workspace).at(-1), context).toEqual(metricsOf(whole).at(-1));
    const names = readdirSync(workspace).filter((name) => name.endsWith('.tmp'));
    expect(names, context).toEqual([]);
  }
  const { state } = await checkpointOf(whole);
  expect(Object.keys(state.average ?? {})).toEqual(Object.keys(state.weights));
  // the signal let its step finish, so no step was made twice
  const steps = metricsOf(stopped).flatMap(({ step }) => step ?? []);
  expect(steps).toEqual(Array.from({ length: STEPS }, (_, step) => step));
  const from = metricsOf(stopped).find((record) => 'run.resumed' in record)?.['run.step'];
  // after the step in which the signal came: when step 4 is heard of, others may have begun
  expect(from).toBeGreaterThanOrEqual(5);
  expect(from).toBeLessThan(STEPS);

  const evaluate = (...more: string[]) =>
    millrace(['evaluate', join(whole, 'checkpoint.safetensors'), data, '--json', ...trainer, ...more]);
  const lastOf = (name: string) => metricsOf(whole).findLast((record) => name in record)?.[name];
  const losses = (await Promise.all([evaluate(), evaluate('--ema')])).map(
    ({ stdout }) => JSON.parse(stdout).loss,
  );
  expect(losses).toEqual([lastOf('val.loss'), lastOf('val_ema.loss')]);
  expect(losses[0]).not.toBe(losses[1]);
}
