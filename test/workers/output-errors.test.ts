import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importDataset } from '../../src/datasets/store/import.ts';
import { writeDemoPhotographs } from '../../src/demo/photographs.ts';
import { QuarantineFile } from '../../src/engine/quarantine/quarantine-file.ts';
import { images, OutputError } from '../../src/index.ts';
import { writePng } from '../../src/raster/write-png.ts';
import { RunReport } from '../../src/report/run-report.ts';
import { saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { CheckpointFiles } from '../../src/training/checkpoint-files.ts';
import { MetricsLog } from '../../src/workspace/metrics-log.ts';
import { runFiles, writeConfusion } from '../../src/workspace/workspace.ts';
import { folderOf } from '../support/folders.ts';
import { photoFolder } from '../support/photos.ts';
import { millraceWithLimit } from '../support/processes.ts';
import { recordOf } from '../support/quarantine.ts';
import { patternImage, patternItems } from '../support/raw-images.ts';

const checkpoint = { state: { weights: {}, optimizer: {} }, metadata: {} };
const run = runFiles('workspace');

/** Everything that is written to a file of its own, by its path. */
const files: Readonly<Record<string, (path: string) => unknown>> = {
  'the metrics file': (path) => new MetricsLog(path).write({ 'run.step': 1 }),
  'the checkpoint': (path) => saveCheckpoint(path, checkpoint),
  'the confusion counts': (path) =>
    writeConfusion({ ...run, confusion: path }, { epoch: 0, classes: [], cells: [] }),
  'the report': (path) => new RunReport(runFiles(folderOf({ 'metrics.jsonl': '' }))).write(path),
  'the picture': (path) => writePng(path, patternImage(1, 8, 8)),
};

/** What looks at its path before it writes. */
const others: Readonly<Record<string, (path: string) => unknown>> = {
  'the quarantine file': (path) => new QuarantineFile(path).write(recordOf('cat/1.jpg')),
  'the store': (path) => importDataset(images(patternItems(4)), path, { workers: 1 }),
  'the folder': (path) => writeDemoPhotographs(path),
};

async function failureOf(write: (path: string) => unknown, path: string): Promise<Error> {
  const failure = await (async () => write(path))().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OutputError);
  return failure as Error;
}

describe.each(Object.entries({ ...files, ...others }))(
  '%s that cannot be written is an OutputError',
  (what, write) => {
    it('names the path and what is in its way, where a folder is a file', async () => {
      const path = join(folderOf({ file: '' }), 'file', 'a');
      const { message } = await failureOf(write, path);
      expect(message).toContain(`${path}: `);
      expect(message).toMatch(/ENOTDIR|EEXIST/);
      if (what !== 'the store') expect(message).toContain(`${what} cannot be written: `);
    });

    // sysfs takes no new files, not even from root, whom permissions do not bind
    it.runIf(existsSync('/sys/kernel'))('says that it is not allowed to', async () => {
      const { message } = await failureOf(write, '/sys/millrace-test');
      expect(message).toMatch(/^\/sys\/millrace-test: .*(EACCES|EPERM|EROFS)/);
    });
  },
);

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  it.each(Object.entries(files))(
    'is an OutputError of %s, which leaves nothing beside it',
    async (what, write) => {
      const path = join(folderOf(), 'full');
      symlinkSync('/dev/full', path);
      const { message } = await failureOf(write, path);
      expect(message).toBe(`${path}: ${what} cannot be written: ENOSPC: no space left on device, write`);
      expect(readdirSync(dirname(path))).toEqual(['full']);
    },
  );

  it('is an error with exit code 1 where it is what stdout goes to', () => {
    const full = openSync('/dev/full', 'w');
    const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [main, 'doctor', '--json'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /error: stdout: the output cannot be written: ENOSPC.*\[WRITE_FAILED\]\n$/,
      ),
    });
  });
});

it.skipIf(process.platform === 'win32')(
  'a disk that is full ends a training with an error that names the metrics',
  async () => {
    const data = await photoFolder(8);
    const workspace = folderOf();
    const flags = ['--image-size', '8', '-b', '4', '--trainer', 'none', '--workers', '1', '--epochs', '50'];
    const { code, stderr } = await millraceWithLimit(4, ['train', data, ...flags, '--workspace', workspace]);
    const error = /error: .*metrics\.jsonl: the metrics file cannot be written: EFBIG.*\[WRITE_FAILED\]\n$/;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(error) });
    expect(stderr).toContain('the report will show no samples: ');
    expect(stderr).toContain('no report: ');
  },
);

it('a quarantine file whose folder is gone when the first bad sample comes is an OutputError', async () => {
  const folder = join(folderOf(), 'later');
  mkdirSync(folder);
  const file = new QuarantineFile(join(folder, 'q.jsonl'));
  rmSync(folder, { recursive: true });
  const { message } = await failureOf(() => file.write(recordOf('cat/1.jpg')), '');
  expect(message).toMatch(/later\/q\.jsonl: the quarantine file cannot be written: ENOENT/);
});

it('a checkpoint that cannot get its other names is an OutputError', async () => {
  const folder = folderOf();
  mkdirSync(join(folder, 'last.safetensors'));
  const saved = new CheckpointFiles({ folder, filename: 'last.safetensors', keep: 1 });
  const { message } = await failureOf(() => saved.save(checkpoint, { epoch: 0, isBest: false }), '');
  expect(message).toMatch(/last\.safetensors: the checkpoint cannot be written: E/);
  expect(readdirSync(folder).sort()).toEqual(['last-epoch-0.safetensors', 'last.safetensors']);
});
