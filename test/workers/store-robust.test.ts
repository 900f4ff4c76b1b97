import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { datasetDigest } from '../../src/datasets/dataset.ts';
import { idxImages } from '../../src/datasets/idx/idx.ts';
import { openEnvironment } from '../../src/datasets/store/environment.ts';
import { hostName } from '../../src/datasets/store/importer-lock.ts';
import type { StoreDescription } from '../../src/datasets/store/metadata.ts';
import { store } from '../../src/datasets/store/store.ts';
import { StoreWriter } from '../../src/datasets/store/store-writer.ts';
import { folderOf } from '../support/folders.ts';
import { idxFiles } from '../support/idx.ts';
import {
  type Finished,
  millrace,
  millraceWithLimit,
  type ProcessOptions,
  script,
  signal,
} from '../support/processes.ts';
import { damageRecord, importedOf, importTo, verified } from '../support/stores.ts';

const COUNT = 5000; // 20 transactions
const IMAGES = 'train-images-idx3-ubyte';
/** A folder with IDX files of 5000 images, or more, to import from and into. */
const folderWithImages = (count = COUNT) => folderOf(idxFiles('train', count));
const importArgs = (source: string, path: string) => ['import', source, path, '--workers', '1', '--quiet'];

/** One line of an error, its code at the end. */
const failed = (code: string, exitCode = 1) => ({
  code: exitCode,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^error: .*\\[${code}\\]\\n$`)),
});

/** Runs an import to which `act` is done as soon as there is a file at `path`. */
function disturbedImport(
  source: string,
  path: string,
  act: (pid: number) => Promise<void>,
): Promise<Finished> {
  let isRunning = true;
  const onStart: ProcessOptions['onStart'] = async (pid) => {
    while (isRunning && !existsSync(path)) await wait(1);
    if (isRunning) await act(pid);
  };
  return millrace(importArgs(source, path), { onStart }).finally(() => (isRunning = false));
}

describe('an import that is killed (kill -9)', () => {
  const KILLS = 20;

  it('at 20 random moments leaves a store that opens, is whole, and is completed by a second run', async () => {
    const folder = folderWithImages();
    const source = join(folder, IMAGES);
    const digest = await datasetDigest(idxImages(source));
    let start = 0;
    const measureFrom = async () => {
      start = performance.now();
    };
    await disturbedImport(source, join(folder, 'trial.lmdb'), measureFrom);
    const duration = performance.now() - start;
    const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1e6);
    const momentOf = (i: number) => ((Math.imul(seed + i, 2654435761) >>> 0) / 2 ** 32) * duration;
    process.stderr.write(`MILLRACE_SEED=${seed}: killed within ${duration.toFixed(0)} ms\n`);
    const found: number[] = [];
    const killAndComplete = async (moment: number, i: number) => {
      const path = join(folder, `${i}.lmdb`);
      await disturbedImport(source, path, async (pid) => {
        await wait(moment);
        signal(pid, 'SIGKILL');
      });
      const there = await importedSamples(path);
      found.push(there);
      expect(await importTo(idxImages(source), path)).toMatchObject({
        alreadyThere: there,
        imported: COUNT,
        digest,
      });
      expect(await verified(path)).toEqual([]);
    };
    const isPart = (there: number) => there > 0 && there < COUNT;
    // two at a time; more where the machine was so much slower before that none came in the middle
    for (let i = 0; i < KILLS || !found.some(isPart); i += 2)
      await Promise.all([i, i + 1].map((n) => killAndComplete(momentOf(n), n)));
    process.stderr.write(`samples that were there: ${found.sort((a, b) => a - b).join(' ')}\n`);
    expect(found.length).toBeGreaterThanOrEqual(KILLS);
  });

  /** Checks what a killed import left; LMDB may not have come to write anything. */
  async function importedSamples(path: string): Promise<number> {
    const damages = await verified(path).catch((error) => {
      expect(error.message).toMatch(/is empty|not a store that millrace import made|ended as it began/);
    });
    if (damages === undefined) return 0;
    expect(damages).toEqual([]);
    const length = await importedOf(path);
    expect(length % 256 === 0 || length === COUNT).toBe(true);
    return length;
  }
});

it('an import that is interrupted (Ctrl-C) ends with 130 and can be gone on with', async () => {
  // takes so long that the signal comes before its end
  const folder = folderWithImages(8 * COUNT);
  const [source, path] = [join(folder, IMAGES), join(folder, 'a.lmdb')];
  const finished = await disturbedImport(source, path, async (pid) => void signal(pid, 'SIGINT'));
  expect(finished).toMatchObject({ code: 130, stdout: '', stderr: '', isAlone: true });
  const [incomplete, again] = [await millrace(['bench', path]), await millrace(importArgs(source, path))];
  expect(incomplete).toMatchObject(failed('STORE_INCOMPLETE'));
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(await verified(path)).toEqual([]);
});

describe('a disk that is full', () => {
  const hasBash = spawnSync('bash', ['-c', 'ulimit -f 100']).status === 0;

  it.skipIf(!hasBash)('is one clear error, after which the import can be gone on with', async () => {
    const folder = folderWithImages();
    const [source, path] = [join(folder, IMAGES), join(folder, 'a.lmdb')];
    for (const kibibytes of [0, 4, 8, 16, 40, 100])
      expect(await millraceWithLimit(kibibytes, importArgs(source, path))).toMatchObject(
        failed('STORE_WRITE_FAILED'),
      );
    expect(existsSync(path)).toBe(false);
    const stopped = await millraceWithLimit(400, importArgs(source, path));
    expect(stopped).toMatchObject(failed('STORE_WRITE_FAILED'));
    expect(stopped.stderr).toMatch(
      / [1-9]\d* of 5000 samples are in it: run the same command again to continue /,
    );
    expect(await verified(path)).toEqual([]);
    const { alreadyThere, digest } = await importTo(idxImages(source), path);
    expect(alreadyThere).toBeGreaterThan(0);
    expect(digest).toBe(await datasetDigest(idxImages(source)));
    expect(await verified(path)).toEqual([]);
  });
});

describe('two importers of one store', () => {
  const description = { format: 1, source: 'x', classes: [], length: 0 } satisfies StoreDescription;

  it('are told of each other: the second ends at once and names the process of the first', async () => {
    const folder = folderWithImages();
    const [source, path] = [join(folder, IMAGES), join(folder, 'a.lmdb')];
    const first = await StoreWriter.open(path, { ...description, classes: ['0'], length: COUNT });
    const second = await millrace(importArgs(source, path));
    expect(second).toMatchObject(failed('STORE_BUSY'));
    expect(second.stderr).toContain(`process ${process.pid} on `);
    await first.finish('complete');
    await first.close();
    expect(store(path).length).toBe(0);
  });

  it('in one process: the first completes', async () => {
    const folder = folderWithImages();
    const [dataset, path] = [idxImages(join(folder, IMAGES)), join(folder, 'a.lmdb')];
    const first = importTo(dataset, path);
    await expect(importTo(dataset, path)).rejects.toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
    expect(await first).toMatchObject({ imported: COUNT });
    expect(await verified(path)).toEqual([]);
  });

  it('one whose process is gone is in nobody’s way', async () => {
    const path = join(folderOf(), 'a.lmdb');
    const environment = openEnvironment(path, { readOnly: false });
    const { pid } = spawnSync(process.execPath, ['--version']);
    environment.metadata.put('importer', { host: hostName(), process: pid, token: 'x', seen: Date.now() });
    await environment.close();
    const writer = await StoreWriter.open(path, description);
    await writer.close();
  });

  it('one that ended before its first transaction leaves a file that says so, and can be gone on with', async () => {
    const path = join(folderOf(), 'a.lmdb');
    await openEnvironment(path, { readOnly: false }).close();
    expect(() => store(path)).toThrow(/its import ended as it began; run millrace import again/);
    await (await StoreWriter.open(path, description)).close();
  });

  it('one on another machine is waited for, until it was not seen for two minutes', async () => {
    const path = join(folderOf(), 'a.lmdb');
    const leave = async (seen: number) => {
      const environment = openEnvironment(path, { readOnly: false });
      environment.metadata.put('importer', { host: 'elsewhere', process: 1, token: 'x', seen });
      await environment.close();
    };
    await leave(Date.now() - 100_000);
    await expect(StoreWriter.open(path, description)).rejects.toThrow(/process 1 on elsewhere/);
    await leave(Date.now() - 130_000);
    await (await StoreWriter.open(path, description)).close();
  });

  it('one that was taken over writes no more', async () => {
    const writer = await StoreWriter.open(join(folderOf(), 'a.lmdb'), description);
    const { metadata } = writer.environment;
    writer.environment.transaction(() =>
      metadata.put('importer', { host: 'elsewhere', process: 1, token: 'x', seen: Date.now() }),
    );
    expect(() => writer.append([])).toThrow(/another importer took over/);
    await expect(writer.finish('digest')).rejects.toThrow(/another importer took over/);
    await writer.close();
  });
});

describe('what is no store, or not all of one', () => {
  const folder = () => folderWithImages();

  /** Both commands say the same, and leave the file as it is. */
  async function expectRefusal(path: string, code: string): Promise<void> {
    const before = readFileSync(path);
    const source = join(folder(), IMAGES);
    const [inspected, imported] = await Promise.all([
      millrace(['inspect', path]),
      millrace(importArgs(source, path)),
    ]);
    expect(inspected).toMatchObject(failed(code));
    expect(imported).toMatchObject(failed(code));
    expect(readFileSync(path).equals(before)).toBe(true);
  }

  it('a store of a newer format is refused by both commands', async () => {
    const path = join(folderOf(), 'a.lmdb');
    const environment = openEnvironment(path, { readOnly: false });
    environment.metadata.put('description', { format: 3, source: 'x', classes: [], length: 0 });
    await environment.close();
    await expectRefusal(path, 'STORE_VERSION');
  });

  it('another program’s LMDB file is refused, and not written to', async () => {
    const path = join(folderOf(), 'a.lmdb');
    const foreign = open({ path, noSubdir: true });
    await foreign.put('greeting', 'hello');
    await foreign.close();
    await expectRefusal(path, 'NOT_A_STORE');
  });

  it('another file is refused, and not written to', async () => {
    await expectRefusal(join(folderOf({ 'a.lmdb': Buffer.alloc(9000, 'text') }), 'a.lmdb'), 'NOT_A_STORE');
  });

  it('an empty file is no store, but may become one', async () => {
    const path = join(folderOf({ 'a.lmdb': '' }), 'a.lmdb');
    expect(await millrace(['inspect', path])).toMatchObject(failed('NOT_A_STORE'));
    expect(await millrace(importArgs(join(folder(), IMAGES), path))).toMatchObject({ code: 0 });
  });

  it('a folder, one that cannot be made and a missing store are named', async () => {
    const root = folderWithImages();
    mkdirSync(join(root, 'folder'));
    const importInto = (name: string) => millrace(importArgs(join(root, IMAGES), join(root, name)));
    const inspect = (name: string) => millrace(['inspect', join(root, name)]);
    const results = await Promise.all([
      importInto('folder'),
      importInto(`${IMAGES}/in/a.lmdb`),
      inspect('folder'),
      inspect('missing/a.lmdb'),
      importInto(IMAGES),
      millrace([...importArgs(join(root, IMAGES), join(root, 'a.lmdb')), '--quality', '50']),
    ]);
    expect(results).toMatchObject([
      failed('NOT_A_STORE'),
      failed('MISSING_FOLDER'),
      { code: 1, stderr: expect.stringContaining('[UNKNOWN_SOURCE]') },
      failed('MISSING_STORE'),
      failed('INVALID_OPTION', 2),
      failed('INVALID_OPTION', 2),
    ]);
  });

  it('the folder that it is to lie in is made', async () => {
    const root = folderWithImages();
    const path = join(root, 'stores', 'of mine', 'a.lmdb');
    expect(await millrace(importArgs(join(root, IMAGES), path))).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path)).toBe(true);
  });

  it('a store that was cut off at any length is an error that says so', async () => {
    const root = folderWithImages();
    const whole = join(root, 'whole.lmdb');
    await importTo(idxImages(join(root, IMAGES)), whole);
    const { length } = readFileSync(whole);
    const edges = [0, 1, 24, 159, 160, 4095, 4096, 4097, 8191, 8192, 8193, length - 4096, length - 1];
    const lengths = [...edges, ...Array.from({ length: 60 }, (_, i) => Math.floor((length * i) / 60))];
    // reading beyond the end of a mapped file ends the process: in one of its own
    const { code, stdout } = await script(`
      import { readFileSync, writeFileSync } from 'node:fs';
      const bytes = readFileSync(${JSON.stringify(whole)});
      for (const length of ${JSON.stringify(lengths)}) {
        const path = ${JSON.stringify(root)} + '/' + length + '.lmdb';
        writeFileSync(path, bytes.subarray(0, length));
        try { millrace.store(path); console.log('opened'); } catch ({ code }) { console.log(code); }
      }`);
    expect(code).toBe(0);
    const codes = stdout.trim().split('\n');
    expect(codes).toHaveLength(lengths.length);
    expect(new Set(codes)).toEqual(new Set(['NOT_A_STORE', 'STORE_TRUNCATED']));
    expect(codes.filter((name) => name === 'NOT_A_STORE').length).toBeLessThan(10);
  });
});

describe('inspect', () => {
  it('lists records until the reader of its output leaves', async () => {
    const path = join(folderOf(), 'a.lmdb');
    await importTo(idxImages(join(folderWithImages(), IMAGES)), path);
    const { code, stdout } = await millrace(['inspect', path, '--records']);
    const lines = stdout.trim().split('\n');
    expect([code, lines.length]).toEqual([0, COUNT]);
    expect(JSON.parse(lines[1] as string)).toMatchObject({
      index: 1,
      kind: 'raw',
      label: expect.any(Number),
    });
    let isLeft = false;
    const leave = (_: string, pid: number) => {
      // once: when it has stopped for the first, a second would end it before it says so
      if (!isLeft) signal(pid, 'SIGINT');
      isLeft = true;
    };
    const left = await millrace(['inspect', path, '--records'], { onLine: leave });
    expect(left.code).toBe(130);
    expect(left.stdout.split('\n').length).toBeLessThan(COUNT);
  });

  it('says with --verify which record has another byte than was written, and ends with 1', async () => {
    const folder = folderOf(idxFiles('train', 50));
    const path = join(folder, 'a.lmdb');
    const dataset = idxImages(join(folder, IMAGES));
    await importTo(dataset, path);
    await damageRecord(path, dataset.key(17));
    const { code, stdout } = await millrace(['inspect', path, '--verify', '--quiet']);
    expect(code).toBe(1);
    expect(stdout.match(/^DAMAGED .*/gm)).toEqual([
      `DAMAGED   ${dataset.key(17)}: the store's record is damaged: its checksum does not match`,
    ]);
    expect(await millrace(['inspect', path])).toMatchObject({ code: 0 });
  });

  it('shows how far an import has come that is not finished', async () => {
    const path = join(folderOf(), 'a.lmdb');
    const writer = await StoreWriter.open(path, { format: 1, source: 'x', classes: ['a'], length: 9 });
    const record = Buffer.alloc(40);
    writer.append([{ key: '1', label: 0, byteLength: 8, record, kind: 'raw' }]);
    await writer.close();
    const { code, stdout } = await millrace(['inspect', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('1 of 9: the import is not finished');
  });
});

it('a target that cannot be written is named before any work', async ({ skip }) => {
  const folder = folderWithImages();
  chmodSync(folder, 0o755);
  // permissions do not bind root
  const uid = process.getuid?.() === 0 ? NOBODY : undefined;
  skip(!canRun(folder, uid), 'node or the folder is closed to other users');
  mkdirSync(join(folder, 'locked'), { mode: 0o555 });
  writeFileSync(join(folder, 'b.lmdb'), '', { mode: 0o444 });
  for (const target of [join(folder, 'locked', 'a.lmdb'), join(folder, 'b.lmdb')])
    expect(await millrace(importArgs(join(folder, IMAGES), target), { uid })).toMatchObject(
      failed('STORE_READ_ONLY'),
    );
});

const NOBODY = 65_534;

/** Whether that user can run our command and see the folder. */
function canRun(folder: string, uid: number | undefined): boolean {
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
  const options = { cwd: folder, ...(uid !== undefined && { uid }) };
  return spawnSync(process.execPath, [main, '--version'], options).status === 0;
}
