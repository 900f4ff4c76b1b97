import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { photo } from '../support/photos.ts';
import { millrace, script, signal } from '../support/processes.ts';

const imported = (name: string, file: string) =>
  `const { ${name} } = await import('${new URL(`../support/${file}.js`, import.meta.url)}');`;
const setting = imported('faulty', 'faults') + imported('patternItems', 'raw-images');

it('a thread is not blamed for the time in which the process was suspended', async () => {
  const text = `
    ${setting}
    let threads = 0;
    process.on('worker', () => threads++);
    const slow = Array.from({ length: 6 }, () => ({ effect: 'is slow', milliseconds: 150 }));
    const dataset = faulty(patternItems(6), slow);
    const options = { batchSize: 2, workers: 1, sampleTimeoutMs: 2000 };
    for await (const { index } of millrace.pipeline(dataset, options).pipe(millrace.randomResizedCrop(8))) console.log(index);
    console.log(threads, ...slow.map((_, index) => dataset.reads(index)));`;
  const suspend = (line: string, pid: number) => {
    if (line !== '0') return;
    // in the middle of a sample
    setTimeout(() => signal(pid, 'SIGSTOP'), 100);
    setTimeout(() => signal(pid, 'SIGCONT'), 3100);
  };
  const { stdout, stderr, code } = await script(text, { onLine: suspend });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toBe(`0\n1\n2\n1${' 1'.repeat(6)}\n`);
});

it('a thread that a system call holds ends the stream by its sample, and does not hold the process', async () => {
  const path = join(folderOf(), 'pipe');
  execFileSync('mkfifo', [path]);
  const text = `
    ${setting}
    const dataset = faulty(patternItems(8), { 6: { effect: 'reads a pipe', path: ${JSON.stringify(path)} } });
    const options = { batchSize: 4, workers: 2, sampleTimeoutMs: 100, shuffle: false };
    const stream = millrace.pipeline(dataset, options).pipe(millrace.randomResizedCrop(8));
    try { for await (const { index } of stream) console.log(index); }
    catch ({ name, code, sample }) { console.log(name, code, sample); }`;
  const { stdout, stderr, isAlone, lingeredMs } = await script(text);
  expect(stdout).toBe('0\nBackendError WORKER_STUCK pattern-6\n');
  expect(stderr).toContain('MILLRACE_THREAD_STUCK');
  expect(isAlone).toBe(true);
  expect(lingeredMs).toBeLessThan(2000);
});

it('a thread that takes too long is not ended inside libjpeg-turbo, which would end the process', async () => {
  const root = folderOf({ 'cat/large.jpg': await photo(1, 3000, 2400) });
  const finished = await millrace(['bench', root, '--workers', '1', '--sample-timeout', '0.001']);
  expect(finished).toMatchObject({ code: 1, isAlone: true });
  expect(finished.stderr).toContain(
    'error: cat/large.jpg: tried 2 times, the last: not done after 0.001 s [TIMED_OUT]',
  );
});

it('a process may exit, by its own will or an error, while its threads are inside libjpeg-turbo', async () => {
  const large = await photo(1, 1600, 1200);
  const root = folderOf({ 'cat/1.jpg': large, 'cat/2.jpg': large, 'dog/1.jpg': large });
  for (const [end, expected] of [
    ['process.exit(7)', 7],
    ["throw new Error('mine')", 1],
  ] as const) {
    const text = `
      const dataset = await millrace.imageFolder(${JSON.stringify(root)});
      const options = { batchSize: 3, workers: 2, epochs: Infinity };
      const stream = millrace.pipeline(dataset, options).pipe(millrace.randomResizedCrop(8));
      stream.subscribe((batch) => {
        batch.release();
        if (batch.epoch === 3) setTimeout(() => { ${end}; });
      });`;
    const { code, isAlone } = await script(text);
    expect({ code, isAlone }).toEqual({ code: expected, isAlone: true });
  }
});

it('a stream may be closed while its threads are starting, and load native code', async () => {
  const root = folderOf({ 'cat/1.jpg': await photo(1), 'dog/1.jpg': await photo(2) });
  const text = `
    for (let i = 0; i < 8; i++) {
      const options = { batchSize: 2, workers: 6, epochs: Infinity };
      const stream = millrace.pipeline(millrace.imageFolder(${JSON.stringify(root)}), options)
        .pipe(millrace.randomResizedCrop(8));
      const subscription = stream.subscribe((batch) => batch.release());
      await new Promise((resolve) => setTimeout(resolve, i * 30));
      subscription.unsubscribe();
      await stream.close();
    }
    console.log('closed');`;
  const { stdout, stderr, code, isAlone } = await script(text);
  expect({ stdout, stderr, code, isAlone }).toEqual({
    stdout: 'closed\n',
    stderr: '',
    code: 0,
    isAlone: true,
  });
});
