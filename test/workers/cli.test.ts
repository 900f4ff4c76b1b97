import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { photo, photoFolder } from '../support/photos.ts';
import { millrace, millraceUnread } from '../support/processes.ts';

const small = ['--batch-size', '4', '--image-size', '16', '--workers', '1'];
const bench = (data: string, ...flags: string[]) =>
  millrace(['bench', data, '--seconds', '1', ...small, ...flags]);
const train = (data: string, ...flags: string[]) =>
  millrace([
    'train',
    data,
    '--trainer',
    'none',
    '--epochs',
    '1',
    ...small,
    '--workspace',
    folderOf(),
    ...flags,
  ]);

describe('wrong usage ends with 2 and names the flag', () => {
  it.each([
    ['an unknown flag', 'bench', ['--colour'], "unknown option '--colour'"],
    [
      'a word for a number',
      'bench',
      ['--batch-size', 'many'],
      "'-b, --batch-size <n>' argument 'many' is invalid",
    ],
    ['not a number', 'train', ['--lr', 'NaN'], "'--learning-rate, --lr <rate>' argument 'NaN' is invalid"],
    [
      'an unknown backend',
      'bench',
      ['--data-backend', 'cuda'],
      "'--data-backend <name>' argument 'cuda' is invalid",
    ],
    [
      'an empty batch',
      'bench',
      ['--batch-size', '0'],
      "--batch-size <n>' argument '0' is invalid. Expected an integer of 1 or more.",
    ],
    [
      'less than no threads',
      'bench',
      ['--workers', '-1'],
      "--workers <n>' argument '-1' is invalid. Expected an integer of 0 or more.",
    ],
    [
      'a crop larger than the image',
      'bench',
      ['--crop-scale', '0.5,1.5'],
      "--crop-scale <low,high>' argument '0.5,1.5' is invalid. Expected numbers of 0..1.",
    ],
    ['one end of a range', 'bench', ['--crop-scale', '0.5'], 'scale must be [low, high] within 0..1'],
    [
      'a negative mixup',
      'bench',
      ['--mixup', '-1'],
      "--mixup <alpha>' argument '-1' is invalid. Expected a number of 0 or more.",
    ],
    [
      'a budget of words',
      'bench',
      ['--on-error', 'substitute', '--max-bad', 'few'],
      "maxBad must be a count >= 0 or a share such as '1%', got few",
    ],
    [
      'a budget for what is not replaced',
      'train',
      ['--max-bad', '3'],
      '--max-bad: counts images that are replaced; needs --on-error substitute',
    ],
    ['a batch larger than the dataset', 'train', ['--batch-size', '99'], 'is larger than the dataset'],
    [
      'a GPU for the cpu backend',
      'bench',
      ['--gpu-adapter', '0'],
      'gpuAdapter chooses the GPU of the data backend gpu, got "0", but the data backend cpu uses none',
    ],
    ['a GPU for the preview', 'preview', ['--gpu-adapter', '0'], 'gpuAdapter chooses the GPU'],
    ['an unknown trainer', 'train', ['--batch-size', '2', '--trainer', 'torch'], 'got torch'],
  ])('%s', async (_, command, flags, message) => {
    // nothing is read: the names of the files are enough
    const data = folderOf({ 'cat/1.jpg': '', 'cat/2.jpg': '', 'dog/3.jpg': '' });
    const { code, stdout, stderr } = await millrace([command, data, ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    ['no folder', ['bench'], "missing required argument 'data'"],
    ['an unknown command', ['fly'], "unknown command 'fly'"],
    [
      'threads where nothing is tried again',
      ['quarantine', 'file', '-j', '2'],
      '--workers: threads of --recheck',
    ],
    ['a flag of training', ['evaluate', 'file', 'data', '--mixup', '1'], "unknown option '--mixup'"],
    [
      'an accuracy on synthetic images',
      ['evaluate', 'file', 'data', '--data-backend', 'synthetic'],
      "'synthetic' reads no images",
    ],
    ['no epoch', ['demo', '--epochs', '0'], 'Expected an integer of 1 or more'],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await millrace(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('millrace', () => {
  it.each([
    ...['train', 'evaluate', 'classify', 'report', 'preview', 'replay', 'import', 'inspect', 'quarantine'],
    ...['bench', 'verify', 'demo', 'doctor'],
  ])('%s --help says what it does', async (name) => {
    const { code, stdout, stderr } = await millrace([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: (millrace )?${name}`));
    expect(stdout).toContain(`Examples:\n  millrace ${name}`);
  });

  it.each([
    ['help', ['train', '--help']],
    ['data', ['doctor', '--json']],
  ])(
    'ends without an error, though not as if it were done, where nobody reads its %s to the end',
    async (_, args) => {
      const { code, stderr } = await millraceUnread(args);
      expect(code).toBe(141);
      expect(stderr).not.toContain('EPIPE');
    },
  );

  it('--version prints the version alone', async () => {
    expect((await millrace(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('writes with --json nothing but JSON to stdout, and no colours anywhere', async () => {
    const data = await photoFolder(8);
    for (const env of [{ NO_COLOR: '1' }, { FORCE_COLOR: '3', NO_COLOR: '1' }]) {
      const finished = await millrace(
        ['train', data, '--trainer', 'none', '--epochs', '1', ...small, '--workspace', folderOf(), '--json'],
        { env },
      );
      const lines = finished.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const [run, ...steps] = lines;
      expect(run['run.flags']).toMatchObject({ trainer: 'none' });
      expect(steps.map(({ step }) => step)).toEqual([0, 1, 2, 3, undefined]);
      expect(finished.stdout + finished.stderr).not.toContain('\u001b');
      expect(finished.stderr).toMatch(/^epoch 1\/1 \| loss .* \| waited [\d.]+ % for data$/m);
    }
    const measured = await bench(data, '--json', '--digest');
    expect(JSON.parse(measured.stdout)).toMatchObject({
      imagesPerSecond: expect.any(Number),
      bottleneck: { waiting: expect.any(Number), parts: { other: expect.any(Number) } },
      'stream.digest': expect.stringMatching(/^[0-9a-f]{64}$/),
      'dataset.digest': expect.stringMatching(/^[0-9a-f]{64}$/),
      'pipeline.digest': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('prints the same digests for the same training', async () => {
    const data = await photoFolder(4);
    const digests = async (workers: string) =>
      (await train(data, '--digest', '--workers', workers)).stderr.match(
        /digest of the stream \w{64}.*/,
      )?.[0];
    const first = await digests('1');
    expect(first).toMatch(/, of the dataset \w{64}, of the pipeline \w{64}$/);
    expect(await digests('2')).toBe(first);
  });

  it('shows of the demo only the epochs that it evaluates, in 30 lines at most', async () => {
    const { code, stdout, stderr } = await millrace([
      'demo',
      '--epochs',
      '2',
      '--out',
      join(folderOf(), 'demo'),
    ]);
    const lines = (stdout + stderr).trimEnd().split('\n');
    expect({ code, epochs: lines.filter((line) => line.startsWith('epoch ')) }).toEqual({
      code: 0,
      epochs: [expect.stringMatching(/^epoch 2\/2 \| loss .* \| val top-1 .* % for data$/)],
    });
    // the whole demo evaluates twelve times
    expect(lines.length + 11).toBeLessThanOrEqual(30);
  });

  it('previews train/ where there is no val/', async () => {
    const data = folderOf({ 'train/cat/1.jpg': await photo(1), 'train/dog/2.jpg': await photo(2) });
    const out = join(data, 'preview.png');
    const { stdout } = await millrace([
      'preview',
      data,
      '--out',
      out,
      '--versions',
      '1',
      '--json',
      '--image-size',
      '16',
    ]);
    const classes = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).class);
    expect(classes.sort()).toEqual(['cat', 'dog']);
  });

  it('says in one line that the workspace cannot be written, and ends with 1', async () => {
    const elsewhere = folderOf({ 'file.txt': '' });
    const { code, stderr } = await train(
      await photoFolder(4),
      '--workspace',
      join(elsewhere, 'file.txt', 'run'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: .*file\.txt.*: the workspace cannot be written: ENOTDIR.*\[WRITE_FAILED\]\n$/,
    );
  });

  // elsewhere there is no way to hide the adapters that there are
  describe.runIf(process.platform === 'linux')('without a GPU driver', () => {
    const env = { VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' };

    it.each(['train', 'bench', 'preview'])(
      '%s says last what to install, and ends with 1',
      async (command) => {
        const data = await photoFolder(2);
        for (const more of [[], ['--gpu-adapter', '0']]) {
          const flags = ['--data-backend', 'gpu', ...more];
          const { code, stdout, stderr, isAlone } = await millrace([command, data, ...flags], { env });
          expect({ code, stdout, isAlone }).toEqual({ code: 1, stdout: '', isAlone: true });
          const [last, ...before] = stderr.trimEnd().split('\n').reverse();
          expect(last).toMatch(/^error: .* finds no GPU adapter: install .*Vulkan driver.* \[NO_ADAPTER\]$/);
          expect(before.filter((line) => line.includes('GPU'))).toEqual([]);
        }
      },
    );

    it('doctor says what to install, and that it is optional', async () => {
      const { code, stdout } = await millrace(['doctor'], { env });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^optional {2}GPU adapter {4}none found\n +install .*Vulkan driver/m);
      expect(stdout).toMatch(/^ok {8}device auto {4}the trainer graph computes on the CPU$/m);
    });

    it('doctor says why no MPI can be used, and what to install, also where a launcher started it', async () => {
      const without = { ...env, MILLRACE_MPI: join(folderOf(), 'libmpi.so') };
      const alone = await millrace(['doctor'], { env: without });
      expect(alone.code).toBe(0);
      expect(alone.stdout).toMatch(
        /^optional {2}MPI {12}none, for training on many ranks\n +no MPI .*install/m,
      );
      const launched = { ...without, OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2' };
      const { stdout } = await millrace(['doctor'], { env: launched });
      expect(stdout).toMatch(/^ +mpirun \(Open MPI\) started this process, but no MPI .*install/m);
    });
  });
});

/** JPEG, PNG headers that declare 65,500 x 65,500 pixels, or a strip of 20,000. */
async function declare(side: number): Promise<Buffer> {
  const bytes = Buffer.from(await photo(1));
  const frame = bytes.indexOf(Buffer.of(0xff, 0xc0));
  bytes.writeUInt16BE(side, frame + 5);
  bytes.writeUInt16BE(side, frame + 7);
  return bytes;
}
const png = (channels: 3 | 4) => {
  const background = channels === 4 ? { r: 9, g: 99, b: 199, alpha: 0.5 } : { r: 9, g: 99, b: 199 };
  return sharp({ create: { width: 30, height: 20, channels, background } });
};

describe('a folder with', () => {
  it('PNG with alpha, gray, CMYK, 1 x 1, 20,000 pixels wide and strange names is trained on', async () => {
    const rgb = png(3);
    const data = await photoFolder(2, {
      'cat/alpha.png': await png(4).png().toBuffer(),
      'cat/gray ü 日本 😀.jpg': await rgb.clone().grayscale().jpeg().toBuffer(),
      'cat/cmyk %20 "#?.jpg': await rgb.clone().toColourspace('cmyk').jpeg().toBuffer(),
      'dog und Hund/one pixel.png': await rgb.clone().resize(1, 1).png().toBuffer(),
      'dog und Hund/wide.jpg': await photo(3, 20_000, 8),
    });
    const { code, stderr, isAlone } = await train(data, '--batch-size', '3');
    expect({ code, isAlone }).toEqual({ code: 0, isAlone: true });
    expect(stderr).toContain('9 images, 3 classes');
    expect(stderr).toContain('trained 3 steps');
  });

  it.each([
    ['a truncated JPEG', 'bad.jpg', async () => (await photo(1)).subarray(0, 700), 'TRUNCATED'],
    ['a file of no bytes', 'bad.jpg', async () => Buffer.alloc(0), ''],
    ['text named .jpg', 'bad.jpg', async () => Buffer.from('no image'), 'NOT_AN_IMAGE'],
    ['half a header', 'bad.png', async () => (await png(3).png().toBuffer()).subarray(0, 20), ''],
    ['65,500 x 65,500 pixels in the header', 'bad.jpg', () => declare(65_500), 'TOO_MANY_PIXELS'],
  ])('%s: one clear error, or with substitute a line in the report', async (_, name, content, error) => {
    const data = await photoFolder(2, { [`cat/${name}`]: await content() });
    const stopped = await train(data, '--batch-size', '5');
    expect({ code: stopped.code, isAlone: stopped.isAlone }).toEqual({ code: 1, isAlone: true });
    const lines = stopped.stderr.split('\n').filter((line) => line.startsWith('error: '));
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^error: cat/${name}: .*\\[\\w*${error}\\w*\\]$`)),
    ]);
    expect(stopped.stderr).not.toContain('    at ');

    const replaced = await train(data, '--batch-size', '5', '--on-error', 'substitute', '--max-bad', '9');
    expect(replaced.code).toBe(0);
    expect(replaced.stderr).toMatch(/\d+ bad images?, replaced by others \d+x, listed in .*quarantine.jsonl/);
  });

  it.each([
    [
      'a folder named x.jpg',
      { 'cat/x.jpg/1.txt': Buffer.from('') },
      'is a folder but named like an image [NOT_A_FILE]',
    ],
    [
      'a class without images',
      { 'fish/readme.txt': Buffer.from('') },
      'class folder has no images (jpg, png, webp, ...); passed over 1 .txt [EMPTY_CLASS]',
    ],
  ])('%s is refused before anything starts', async (_, files, message) => {
    const { code, stderr } = await train(await photoFolder(1, files));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: /);
    expect(stderr.trimEnd().endsWith(message)).toBe(true);
  });

  it('a missing file behind a link names it', async () => {
    const data = await photoFolder(2);
    symlinkSync(join(data, 'gone.jpg'), join(data, 'cat', 'link.jpg'));
    const { code, stderr } = await train(data, '--batch-size', '5');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: cat\/link.jpg: cannot be read: no such file .*\[MISSING_FILE\]/);
  });

  it('one in the source of a store as well', async () => {
    const data = await photoFolder(2);
    symlinkSync(join(data, 'gone.jpg'), join(data, 'cat', 'link.jpg'));
    const { code, stderr } = await millrace(['import', data, join(folderOf(), 'a.lmdb'), '--quiet']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^error: cat\/link.jpg: cannot be read: no such file .*\[MISSING_FILE\]\n$/,
      ),
    });
  });

  it('fewer images than bench asks for at a time is measured all the same', async () => {
    expect((await bench(await photoFolder(1), '--batch-size', '64')).code).toBe(0);
  });
});
