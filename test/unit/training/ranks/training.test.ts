import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../../../src/core/interrupted.ts';
import type { Trainer } from '../../../../src/core/trainer.ts';
import type { TrainingEvent } from '../../../../src/training/training-event.ts';
import { folderOf } from '../../../support/folders.ts';
import { linearTrainer } from '../../../support/linear-trainer.ts';
import { photo } from '../../../support/photos.ts';
import {
  checkpointIn,
  linesOf,
  type RankRun,
  type RankRunOptions,
  runOnRanks,
} from '../../../support/rank-runs.ts';

/** So many of the files to train on are damaged. */
async function damaged(count = 3): Promise<string> {
  const bad = Array.from({ length: count }, (_, i) => i).map((i): [string, Buffer] => [
    `train/dog/bad ${i}.jpg`,
    Buffer.from(`<html>${i}`),
  ]);
  return photos(Object.fromEntries(bad));
}

/** 19 photos to train on, and 5 to evaluate. */
async function photos(more: Record<string, Uint8Array> = {}): Promise<string> {
  const files: Record<string, Uint8Array> = { ...more };
  for (let i = 0; i < 19; i++) files[`train/${i % 2 ? 'cat' : 'dog'}/${i}.jpg`] = await photo(i, 40, 30);
  for (let i = 0; i < 5; i++) files[`val/${i % 2 ? 'cat' : 'dog'}/${i}.jpg`] = await photo(50 + i, 40, 30);
  return folderOf(files);
}

const messageOf = ({ error }: RankRun): string => (error as Error | undefined)?.message ?? '';

/** Trains in a workspace of its own. */
async function trained(size: number, options: RankRunOptions) {
  const workspace = join(folderOf(), 'run');
  return { workspace, runs: await runOnRanks(size, { workspace, ...options }) };
}

afterEach(() => vi.restoreAllMocks());

describe('a training on ranks', () => {
  it('leaves what one rank leaves: metrics, digest, quarantine, outliers, checkpoint', async () => {
    const data = await damaged();
    const options = { data, outliers: 5, checkpoints: { everySteps: 1 } } as const;
    const leave = async (size: number) => {
      const stream = { onError: 'substitute', maxBad: 10 } as const;
      const { workspace, runs } = await trained(size, { ...options, stream });
      expect(runs.map(messageOf)).toEqual(Array(size).fill(''));
      const { summary, memoryBound, ...result } = runs[0]?.result ?? {};
      const { steps, images } = summary ?? {};
      const left = {
        ...{ metrics: linesOf(join(workspace, 'metrics.jsonl')), checkpoint: await checkpointIn(workspace) },
        quarantine: linesOf(join(workspace, 'quarantine.jsonl')),
        result: { ...result, workspace: '', checkpoint: '', steps, images },
      };
      return { runs, left, names: readdirSync(workspace).sort(), workspace };
    };
    const one = await leave(1);
    expect(one.left.quarantine).toHaveLength(3);
    expect(one.left.result).toMatchObject({ badSamples: { badSamples: 3 }, steps: 4, images: 32 });
    expect(one.left.metrics.filter((line) => 'outliers' in (line as object))).toHaveLength(2);
    for (const size of [2, 4]) {
      const { runs, left, names, workspace } = await leave(size);
      const metrics = left.metrics.slice(1);
      expect({ ...left, metrics }).toEqual({ ...one.left, metrics: one.left.metrics.slice(1) });
      expect(names).toEqual(one.names);
      for (const { result } of runs) expect(result).toEqual(runs[0]?.result);
      expect(runs[0]?.result?.workspace).toBe(workspace);
    }
  });

  it('tells of what happens on the first rank alone', async () => {
    const { runs } = await trained(4, { data: await photos() });
    const types = (run: RankRun | undefined) => new Set(run?.events.map(({ type }) => type));
    expect([...types(runs[0])]).toEqual(
      expect.arrayContaining(['start', 'step', 'epoch', 'checkpoint', 'end']),
    );
    for (const run of runs.slice(1)) expect(run.events).toEqual([]);
  });

  it('has the first rank say what others warn of, each thing once', async () => {
    const noticing = (rank: number): Trainer => ({
      ...linearTrainer(),
      prepare: async (_, { onNotice }) => {
        onNotice?.('slow');
        if (rank > 1) onNotice?.('old driver');
      },
    });
    const { runs } = await trained(4, { data: await photos(), trainer: noticing });
    const said = runs[0]?.events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])) ?? [];
    expect(said.filter((line) => /slow|driver/.test(line))).toEqual(['slow', 'rank 2: old driver']);
  });

  it('goes where the first rank decides, whatever others would', async () => {
    const data = await photos();
    const folder = folderOf();
    const runs = await runOnRanks(2, { data, workspace: join(folder, 'one') });
    expect(runs.map(({ result }) => result?.checkpoint)).toEqual(
      Array(2).fill(join(folder, 'one', 'checkpoint.safetensors')),
    );
    const again = await runOnRanks(2, { data, workspace: join(folder, 'one') });
    for (const { error, aborts } of again) {
      expect(error).toMatchObject({ code: 'WORKSPACE_IN_USE' });
      expect(aborts).toEqual([]);
    }
    const forced = await runOnRanks(2, { data, workspace: join(folder, 'one'), force: true });
    expect(forced.map(messageOf)).toEqual(['', '']);
    expect(readdirSync(folder)).toEqual(['one']);
    expect(readdirSync(join(folder, 'one')).filter((name) => name.startsWith('earlier'))).toHaveLength(1);
  });
});

describe('an error that ranks agree on', () => {
  it('in the data of one ends all, which save the steps before it', async () => {
    const options = { data: await damaged(1), stream: { seed: 3 } };
    const one = await trained(1, options);
    const { runs, workspace } = await trained(4, options);
    expect(await checkpointIn(workspace)).toEqual(await checkpointIn(one.workspace));
    for (const run of runs) {
      expect(run.error).toMatchObject({ name: 'DataError', code: 'NOT_AN_IMAGE' });
      expect(messageOf(run)).toMatch(/^rank \d of 4: .*bad \d\.jpg/);
      expect(run.aborts).toEqual([]);
    }
  });

  it('of too many bad samples on all ranks together ends them where one rank ends', async () => {
    const data = await damaged();
    const stream = { onError: 'substitute', maxBad: 1 } as const;
    const one = await trained(1, { data, stream });
    const { runs, workspace } = await trained(4, { data, stream });
    expect(existsSync(join(workspace, 'checkpoint.safetensors'))).toBe(
      existsSync(join(one.workspace, 'checkpoint.safetensors')),
    );
    expect(linesOf(join(workspace, 'quarantine.jsonl'))).toEqual(
      linesOf(join(one.workspace, 'quarantine.jsonl')),
    );
    for (const run of runs)
      expect(messageOf(run).replaceAll(workspace, '')).toBe(
        messageOf(one.runs[0] as RankRun).replaceAll(one.workspace, ''),
      );
  });

  it('of a loss that is no finite number names the rows of all ranks', async () => {
    const data = await photos();
    const failing = (): Trainer => {
      const trainer = linearTrainer();
      return {
        ...trainer,
        async contribution(part, options) {
          const given = await trainer.contribution?.(part, options);
          if (options.step !== 1 || options.firstRow !== 4) return given as NonNullable<typeof given>;
          const { vector, losses } = given as NonNullable<typeof given>;
          vector[vector.length - 1] = Number.NaN;
          losses?.fill(Number.NaN);
          return { vector, ...(losses && { losses }) };
        },
      };
    };
    const one = await trained(1, { data, trainer: failing });
    const expected = messageOf(one.runs[0] as RankRun).replaceAll(one.workspace, '');
    expect(expected).toMatch(/because of 2 of 8 rows: row 4 \S+\.jpg, row 5 \S+\.jpg\n/);
    const { runs, workspace } = await trained(4, { data, trainer: failing });
    for (const run of runs) {
      expect(messageOf(run).replaceAll(workspace, '')).toBe(expected);
      expect(run.aborts).toEqual([]);
    }
  });

  it('of a checkpoint that the first cannot write ends all', async () => {
    const workspace = join(folderOf(), 'run');
    const block = ({ type }: TrainingEvent) => {
      if (type === 'start')
        mkdirSync(join(workspace, 'checkpoint.safetensors', 'in-the-way'), { recursive: true });
    };
    const runs = await runOnRanks(2, { data: await photos(), workspace, onEvent: block });
    for (const run of runs) {
      expect(run.error).toMatchObject({ name: 'OutputError' });
      expect(messageOf(run)).toMatch(/^rank 0 of 2: .*checkpoint\.safetensors/);
      expect(run.aborts).toEqual([]);
    }
  });

  it('of metrics that the first cannot write ends all, which save what was trained', async () => {
    const onMetrics = (record: object) => {
      if ('step' in record && record.step === 2) throw new Error('no room for metrics');
    };
    const { runs, workspace } = await trained(2, { data: await photos(), onMetrics });
    expect(runs.map(messageOf)).toEqual(Array(2).fill('rank 0 of 2: no room for metrics'));
    expect(existsSync(workspace)).toBe(true);
    expect(runs.map(({ aborts }) => aborts)).toEqual([[], []]);
  });
});

describe('an error that one rank alone knows', () => {
  it('ends all with its exit code, is said at once, and saves nothing', async () => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const failing = (rank: number): Trainer => ({
      ...linearTrainer(),
      ...(rank === 1 && { contribution: () => Promise.reject(new Error('out of memory')) }),
    });
    const { runs, workspace } = await trained(2, { data: await photos(), trainer: failing });
    expect(said.join('')).toMatch(
      /error: rank 1 of 2: .*out of memory.* \[TRAINER_FAILED\]\nError: out of memory\n +at /,
    );
    expect(runs[1]?.aborts).toEqual([1]);
    expect(existsSync(join(workspace, 'checkpoint.safetensors'))).toBe(false);
  });
});

describe('a signal that is aborted on one rank', () => {
  const controllers = () => [new AbortController(), new AbortController()] as const;

  it.each([0, 1])('stops all after the same step, to be continued: rank %i', async (stopped) => {
    const data = await photos();
    const whole = await trained(1, { data });
    const workspace = join(folderOf(), 'run');
    const both = controllers();
    const reason = new Error('enough');
    const runs = await runOnRanks(2, {
      ...{ data, workspace, signals: both.map(({ signal }) => signal) },
      onEvent: (event) => {
        if (event.type === 'step' && event.step === 1) both[stopped]?.abort(reason);
      },
    });
    expect(runs[stopped]?.error).toBe(reason);
    expect(runs[1 - stopped]?.error).toBeInstanceOf(Interrupted);
    expect(runs.map(({ aborts }) => aborts)).toEqual([[], []]);
    const saved = JSON.parse((await checkpointIn(workspace)).metadata['training'] as string);
    expect(saved.state.cursor.step).toBeGreaterThanOrEqual(2);
    expect(saved.state.cursor.step).toBeLessThan(4);
    const again = await runOnRanks(4, { data, workspace, resume: workspace });
    expect(again.map(messageOf)).toEqual(Array(4).fill(''));
    expect((await checkpointIn(workspace)).state).toEqual((await checkpointIn(whole.workspace)).state);
    expect(again[0]?.result?.digests?.stream).toBe(whole.runs[0]?.result?.digests?.stream);
  });

  it('within an evaluation leaves the epoch to be evaluated', async () => {
    const both = controllers();
    const slow = (rank: number): Trainer => ({
      ...linearTrainer(),
      async evaluateStep({ labels }) {
        if (rank === 1) both[1].abort(new Interrupted('interrupted'));
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { lossSum: 1, top1: 1, top5: 1, rows: labels.length };
      },
    });
    const { runs, workspace } = await trained(2, {
      ...{ data: await photos(), trainer: slow, signals: both.map(({ signal }) => signal) },
    });
    for (const run of runs) expect(run.error).toBeInstanceOf(Interrupted);
    const saved = JSON.parse((await checkpointIn(workspace)).metadata['training'] as string);
    expect(saved.state.cursor).toMatchObject({ step: 2, epoch: 0, isEpochOver: true });
  });
});
