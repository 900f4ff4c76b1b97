import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../src/trainers/checkpoint.ts';
import { folderOf } from '../support/folders.ts';
import { photoFolder } from '../support/photos.ts';
import { type Finished, millrace, type ProcessOptions, script, signal } from '../support/processes.ts';

const setting = `
  const image = { data: new Uint8Array(300), width: 10, height: 10 };
  const dataset = millrace.images(Array.from({ length: 64 }, () => ({ image })));
  const stream = (options) =>
    millrace.pipeline(dataset, { batchSize: 4, workers: 2, epochs: Infinity, ...options }).pipe(millrace.randomResizedCrop(8));
`;

function expectQuietEnd({ code, lingeredMs, isAlone }: Finished, expected = 0): void {
  expect({ code, isAlone }).toEqual({ code: expected, isAlone: true });
  expect(lingeredMs).toBeLessThan(2000);
}

describe('a process ends by itself', () => {
  it.each([
    ['after a loop to the end', 'done', `for await (const _ of stream({ epochs: 2 })); console.log('done');`],
    ['after break', 'done', `for await (const _ of stream()) break; console.log('done');`],
    [
      'after an error in the loop',
      'mine',
      `try { for await (const _ of stream()) throw new Error('mine'); } catch ({ message }) { console.log(message); }`,
    ],
    [
      'after an abort in the loop',
      'AbortError',
      `const controller = new AbortController();
       try {
         for await (const { index } of stream({ signal: controller.signal })) if (index === 3) controller.abort();
       } catch ({ name }) { console.log(name); }`,
    ],
    [
      'after an abort while it is opening',
      'AbortError',
      `const controller = new AbortController();
       const next = stream({ signal: controller.signal })[Symbol.asyncIterator]().next();
       controller.abort();
       try { console.log((await next).done); } catch ({ name }) { console.log(name); }`,
    ],
    [
      'after close while it is opening',
      'true',
      `const opening = stream();
       const next = opening[Symbol.asyncIterator]().next();
       await opening.close();
       console.log((await next).done);`,
    ],
    [
      'after close',
      'closed',
      `const open = stream(); open.subscribe(() => {}); setTimeout(() => open.close().then(() => console.log('closed')), 300);`,
    ],
    [
      'after unsubscribing inside next',
      '2',
      `let batches = 0;
       const subscription = stream().subscribe(() => { if (++batches === 2) { subscription.unsubscribe(); console.log(batches); } });`,
    ],
    [
      'after an abort by a timer, with rows prepared on the calling thread',
      'TimeoutError',
      `try { for await (const _ of stream({ workers: 0, signal: AbortSignal.timeout(200) })); } catch ({ name }) { console.log(name); }`,
    ],
    [
      'after an abort by a timer, with synthetic batches',
      'TimeoutError',
      `try { for await (const _ of stream({ backend: 'synthetic', signal: AbortSignal.timeout(200) })); } catch ({ name }) { console.log(name); }`,
    ],
    [
      'after its worker threads have died',
      'WORKER_DIED',
      `try { for await (const _ of stream().pipe(support.endThread())); } catch ({ code }) { console.log(code); }`,
    ],
    [
      'after two loops at once over one pipeline',
      '64',
      `const both = stream({ epochs: 1 });
       const ids = async () => { const all = []; for await (const batch of both) all.push(...batch.ids); return all.join(); };
       const [one, two] = await Promise.all([ids(), ids()]);
       console.log(one === two && one.split(',').length);`,
    ],
  ])('%s', async (_, expected, text) => {
    const finished = await script(`${setting}\n${text}`);
    expect(finished.stderr).toBe('');
    expect(finished.stdout).toBe(`${expected}\n`);
    expectQuietEnd(finished);
  });

  it('with the error of a subscriber that throws', async () => {
    const finished = await script(
      `${setting}\nstream().subscribe(() => { console.log('once'); throw new Error('mine'); });`,
    );
    expect(finished.stderr).toContain('Error: mine');
    expectQuietEnd(finished, 1);
  });
});

describe('a process with a stream that stands still', () => {
  it('says why and stays, rather than end as if the stream were complete', async () => {
    const finished = await script(
      // a process that has something else to do: a batch may be released yet
      `${setting}\nsetInterval(() => {}, 1000);
       stream({ epochs: 1 }).subscribe({ complete: () => console.log('complete') });`,
      {
        onStderr: (_, pid) => setTimeout(() => signal(pid, 'SIGTERM'), 500),
      },
    );
    expect(finished.stderr).toContain('MILLRACE_SLOTS_HELD');
    // null: it was there still when the signal came
    expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code: null, stdout: '' });
  });
});

describe('Ctrl-C', () => {
  /** Its third step ends after the signal, with SLOW the first one never. */
  const trainer = `
    const alive = setInterval(() => {}, 1000);
    const interrupted = new Promise((resolve) => process.once('SIGINT', () => setTimeout(resolve, 50)));
    const never = new Promise(() => {});
    const ends = process.env.SLOW ? [never] : [, , interrupted.then(() => clearInterval(alive))];
    const nothing = async () => {};
    export const createTrainer = () => ({
      name: 'slow', prepare: nothing, load: nothing, evaluateStep: nothing,
      close: async () => console.log('closed'),
      state: async () => ({ weights: { w: { shape: [1], data: new Float32Array([7]) } }, optimizer: {} }),
      async trainStep(batch, { step }) { console.log('begin ' + step); await ends[step]; return { loss: step }; },
    });`;
  const trainWith = async (options: ProcessOptions) => {
    const [data, workspace] = [await photoFolder(8), folderOf({ 'trainer.mjs': trainer })];
    const flags = ['--trainer', join(workspace, 'trainer.mjs'), '--epochs', '1000', '--batch-size', '4'];
    const args = ['train', data, ...flags, '--image-size', '16', '--workspace', workspace];
    const finished = await millrace(args, options);
    return { ...finished, workspace, metrics: readFileSync(join(workspace, 'metrics.jsonl'), 'utf8') };
  };

  it('lets the step finish, writes it down, saves a checkpoint, closes the trainer, exits with 130', async () => {
    const finished = await trainWith({
      onLine: (line, pid) => line === 'begin 2' && signal(pid, 'SIGINT'),
    });
    expectQuietEnd(finished, 130);
    expect(finished.stdout.trim().split('\n')).toEqual(['begin 0', 'begin 1', 'begin 2', 'closed']);
    const [run, ...steps] = finished.metrics
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(run).toHaveProperty(['run.started']);
    const checkpoint = join(finished.workspace, 'checkpoint.safetensors');
    expect(steps.pop()).toEqual({ 'run.checkpoint': checkpoint, 'run.step': 3 });
    // beside the steps a warning: the loss of this trainer rises
    expect(steps.flatMap(({ step }) => step ?? [])).toEqual([0, 1, 2]);
    expect((await loadCheckpoint(checkpoint)).state.weights['w']?.data).toEqual(new Float32Array([7]));
    expect(finished.stderr).toContain('interrupted: finishing this step');
  });

  it('pressed twice stops at once, with 130', async () => {
    let presses = 0;
    const press = (pid: number) => {
      presses++;
      signal(pid, 'SIGINT');
    };
    const finished = await trainWith({
      env: { SLOW: '1' },
      onLine: (_, pid) => press(pid),
      // once the first has come: two that come together are one
      onStderr: (text, pid) => {
        if (presses === 1 && text.includes('again: stop at once')) press(pid);
      },
    });
    expectQuietEnd(finished, 130);
    expect(finished.stdout.trim()).toBe('begin 0');
  });

  it('stops bench as well', async () => {
    const data = await photoFolder(4);
    const args = ['bench', data, '--batch-size', '4', '--image-size', '16', '--seconds', '60'];
    let isFirst = true;
    const onStderr = (_: string, pid: number) => {
      // the plan is the first that is printed there; the answer to the signal is the next
      if (isFirst) signal(pid, 'SIGINT');
      isFirst = false;
    };
    const finished = await millrace(args, { onStderr });
    expect(finished.code).toBe(130);
    expect(finished.isAlone).toBe(true);
  });
});

it('delivers the first batch of a folder of small JPEGs soon after the start of the process', async () => {
  const data = await photoFolder(32);
  let firstBatchMs = Number.POSITIVE_INFINITY;
  // three times at most: a machine that is busy at the moment makes everything late
  for (let i = 0; i < 3 && firstBatchMs >= SOON_MS; i++) {
    const { stdout, code } = await millrace([
      'bench',
      data,
      ...['--seconds', '1', '--json', '--batch-size', '32'],
    ]);
    expect(code).toBe(0);
    ({ firstBatchMs } = JSON.parse(stdout));
    process.stderr.write(`first batch ${firstBatchMs.toFixed(0)} ms after the start of the process\n`);
  }
  expect(firstBatchMs).toBeLessThan(SOON_MS);
});

const SOON_MS = 3000;
