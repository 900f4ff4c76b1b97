import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type ClassifyOptions, classify as millraceClassify } from '../../src/index.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { encodeSafetensors } from '../../src/trainers/safetensors.ts';
import { toMetadata } from '../../src/training/checkpoint-metadata.ts';
import { folderOf } from '../support/folders.ts';
import { formulaWeights } from '../support/formula.ts';
import { modelGolden } from '../support/model-golden.ts';
import { photo } from '../support/photos.ts';
import { millrace, type ProcessOptions } from '../support/processes.ts';
import { torchFile } from '../support/torch-files.ts';

const image = 'test/golden/classify.png';
const weights = 'test/golden/checkpoint-of-millrace.safetensors';
const names = ['cat', 'dog', 'fox'];
/** Drivers of GPUs, which device auto asks, may print lines of their own. */
const onCpu = ['--device', 'cpu'];
const computing = 'trainer: precision float32, adapter cpu, tier wasm simd, plan 1\n';
const assumed =
  "batch norm's epsilon 0.001 (assumed, --bn-epsilon overrides), padding torch (assumed, --padding overrides)";
const classify = (...args: (string | ProcessOptions)[]) =>
  millrace(
    ['classify', ...args.filter((arg) => typeof arg === 'string')],
    args.find((arg) => typeof arg === 'object'),
  );
const expectFailure = async (code: number, message: RegExp, ...args: string[]) => {
  const finished = await classify(...args);
  expect(finished).toMatchObject({ code, stdout: '' });
  expect(finished.stderr).toMatch(message);
  expect(finished.stderr).not.toContain('    at ');
};

/** As safetensors.torch.save_file writes them: without metadata. */
function nanoWeights(classes: number): Uint8Array {
  const tensors = formulaWeights(efficientNet({ variant: 'nano', classes }));
  return encodeSafetensors({ tensors, metadata: {} });
}

/** As torch.save writes a checkpoint: under `state_dict`, each tensor a storage of its own. */
function nanoFile(classes: number): Uint8Array {
  const tensors = formulaWeights(efficientNet({ variant: 'nano', classes }));
  return torchFile({ state_dict: tensors });
}

describe('classify', () => {
  it("gives PyTorch's probabilities after torchvision's resize and centre crop", async () => {
    const { code, stdout } = await classify(image, '--weights', weights, '--image-size', '224', '--json');
    expect(code).toBe(0);
    const { guesses, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ image });
    const expected = modelGolden.millrace.probabilities.map((probability, index) => ({
      class: index,
      name: names[index],
      probability: expect.closeTo(probability, 5),
    }));
    // as far apart as bilinear is from bicubic, and the best guess first
    expect(guesses).toEqual([2, 0, 1].map((index) => expected[index]));
  });

  it('names the guesses for each image in the order of the images', async () => {
    const folder = folderOf({ 'b.jpg': await photo(1), 'a.jpg': await photo(2) });
    const paths = [join(folder, 'b.jpg'), image, join(folder, 'a.jpg')];
    const { code, stdout, stderr } = await classify(...paths, '--weights', weights, ...onCpu);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `efficientnet-b0: 3 classes, 32 x 32 pixels, bicubic\n${computing}`,
    });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith(' '))).toEqual(paths);
    expect(lines[1]).toMatch(/^ +\d+\.\d % {2}(cat|dog|fox)$/);
    expect(lines.length).toBe(3 * (1 + names.length));
  });

  it('takes an image whose resize would be longer than 16,384 pixels: only its centre is made', async () => {
    const line = await sharp({ create: { width: 3000, height: 20, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const path = join(folderOf({ 'line.png': line }), 'line.png');
    const { code, stdout } = await classify(path, '--weights', weights, '--image-size', '224', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).guesses).toHaveLength(names.length);
  });

  it('takes names of classes from a file', async () => {
    const folder = folderOf({ 'names.txt': 'Katze\r\nHund\r\nFuchs\r\n', 'few.txt': 'Katze\n' });
    const flags = ['--weights', weights, ...onCpu, '--quiet', '--classes'];
    const { stdout, stderr } = await classify(image, ...flags, join(folder, 'names.txt'), '--json');
    expect(stderr).toBe('');
    const found = JSON.parse(stdout).guesses.map(({ name }: { name: string }) => name);
    expect(found.sort()).toEqual(['Fuchs', 'Hund', 'Katze']);
    await expectFailure(
      1,
      /few\.txt: expected 3 names of classes, one per line, got 1/,
      image,
      ...flags,
      join(folder, 'few.txt'),
    );
    await expectFailure(1, /none\.txt: cannot be read: ENOENT/, image, ...flags, join(folder, 'none.txt'));
  });

  it('gives five numbered guesses by weights that PyTorch saved, once it is told their architecture', async () => {
    const path = join(folderOf({ 'nano.safetensors': nanoWeights(7) }), 'nano.safetensors');
    const { stdout, stderr } = await classify(
      image,
      '--weights',
      path,
      '--arch',
      'efficientnet-nano',
      '--json',
      ...onCpu,
    );
    expect(stderr).toBe(
      `${path}: efficientnet-nano with the names of NVIDIA; ${assumed}\nefficientnet-nano: 7 classes, 64 x 64 pixels, bilinear\n${computing}`,
    );
    const { guesses } = JSON.parse(stdout) as {
      guesses: { class: number; name: string; probability: number }[];
    };
    expect(guesses.length).toBe(5);
    for (const guess of guesses) expect(guess.name).toBe(String(guess.class));
    const probabilities = guesses.map(({ probability }) => probability);
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
  });

  it.each<[string, number, RegExp, string[]]>([
    ['weights', 2, /required option '--weights <file>' not specified/, [image]],
    [
      'an architecture for weights that do not say theirs',
      2,
      /of-pytorch\.safetensors: does not say its model, .* name it with --arch/,
      [image, '--weights', 'test/golden/checkpoint-of-pytorch.safetensors'],
    ],
    [
      'the architecture that the checkpoint holds',
      2,
      /holds an efficientnet-b0, not an efficientnet-b4/,
      [image, '--weights', weights, '--arch', 'efficientnet-b4'],
    ],
    [
      'weights of the architecture',
      1,
      /error: \S+of-pytorch\.safetensors: \S+: expected shape \[.*\], got \[.*\] \[STATE_MISMATCH\]/,
      [image, '--weights', 'test/golden/checkpoint-of-pytorch.safetensors', '--arch', 'efficientnet-b0'],
    ],
    ['images that are there', 1, /none\.jpg: no such file/, ['none.jpg', '--weights', weights]],
    ['folders with images', 1, /src: no images in it/, ['src', '--weights', weights]],
    ['patterns of images', 1, /src\/\*\.md: no image matches/, ['src/*.md', '--weights', weights]],
    [
      'one format',
      2,
      /'--json' cannot be used with option '--csv'/,
      [image, '--json', '--csv', '--weights', weights],
    ],
    ['images', 1, /error: .*README\.md/, ['README.md', '--weights', weights]],
    [
      'weights as a file',
      1,
      /README\.md: not a readable safetensors file/,
      [image, '--weights', 'README.md'],
    ],
    [
      'a trainer that predicts',
      1,
      /none: this trainer has no predict/,
      [image, '--weights', weights, '--trainer', 'none'],
    ],
  ])('asks for %s', (_, code, message, args) => expectFailure(code, message, ...args));

  it('takes folders, patterns that no shell expanded, and a list on stdin, in this order', async () => {
    const made = await photo(1);
    const folder = folderOf({
      'b.jpg': made,
      'a/c.jpg': made,
      'a/d/e.jpg': made,
      'a/notes.txt': '',
      'f.jpg': made,
    });
    const list = `${join(folder, 'f.jpg')}\r\n\n${join(folder, 'b.jpg')}\n`;
    const { code, stdout } = await classify(
      ...[join(folder, 'a'), `${folder}/**/{b,e}.jp*g`, '-', '--weights', weights, '--json'],
      { stdin: list },
    );
    expect(code).toBe(0);
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).image.slice(folder.length + 1));
    expect(found).toEqual(['a/c.jpg', 'a/d/e.jpg', 'a/d/e.jpg', 'b.jpg', 'f.jpg', 'b.jpg']);
  });

  it('goes past images that cannot be used, names them, and ends with 1', async () => {
    const made = await photo(1);
    const files = Array.from({ length: 12 }, (_, i) => [`${String(i).padStart(2, '0')}.jpg`, made] as const);
    const bad = {
      '03.jpg': Buffer.from('no image'),
      '07.jpg': made.subarray(0, 700),
      '11.jpg': Buffer.alloc(0),
    };
    const folder = folderOf({ ...Object.fromEntries(files), ...bad });
    const { code, stdout, stderr } = await classify(
      folder,
      'none.jpg',
      image,
      '--weights',
      weights,
      ...onCpu,
      '--csv',
      '--quiet',
    );
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('image,class 1,probability 1,class 2,probability 2,class 3,probability 3');
    const found = lines.slice(1).map((line) => basename(line.split(',')[0] ?? ''));
    const good = files.map(([name]) => name).filter((name) => !(name in bad));
    expect(found).toEqual([...good, basename(image)]);
    const errors = stderr.trimEnd().split('\n');
    for (const name of [...Object.keys(bad), 'none.jpg'])
      expect(errors.filter((line) => line.startsWith('error: ') && line.includes(name))).toHaveLength(1);
    expect(errors).toHaveLength(4);
  });

  it('in code throws at the first image that cannot be used, unless someone hears of it', async () => {
    const folder = folderOf({ 'a.jpg': await photo(1), 'b.jpg': 'no image' });
    const found = async (more: Partial<ClassifyOptions>) => {
      const images: string[] = [];
      for await (const each of millraceClassify({ images: [folder], weights, ...more }))
        images.push(each.image);
      return images;
    };
    await expect(found({})).rejects.toMatchObject({ code: 'NOT_AN_IMAGE', sample: `${folder}/b.jpg` });
    const bad: unknown[] = [];
    expect(await found({ onBadImage: (error) => bad.push(error.sample) })).toEqual([`${folder}/a.jpg`]);
    expect(bad).toEqual([`${folder}/b.jpg`]);
  });

  it('numbers outputs of the model that have no name, of each image', async () => {
    const folder = folderOf({ 'a.jpg': await photo(1), 'b.jpg': await photo(2) });
    const path = join(folder, 'five.safetensors');
    const model = efficientNet({ variant: 'nano', classes: 5 });
    const metadata = toMetadata({ model, classes: ['cat', 'dog'], imageSize: 64, interpolation: 'bilinear' });
    await saveCheckpoint(path, { state: { weights: formulaWeights(model), optimizer: {} }, metadata });
    const found = async (...images: string[]) => {
      const all = [];
      for await (const each of millraceClassify({ images, weights: path, device: 'cpu' })) all.push(each);
      return all;
    };
    const [a, b] = ['a.jpg', 'b.jpg'].map((name) => join(folder, name)) as [string, string];
    const together = await found(a, b);
    expect(together).toEqual([...(await found(a)), ...(await found(b))]);
    for (const { guesses } of together)
      expect(guesses.map(({ name }) => name).sort()).toEqual(['2', '3', '4', 'cat', 'dog']);
  });

  it('takes the workspace of a run for its last checkpoint', async () => {
    const workspace = folderOf({ 'checkpoint.safetensors': await readFile(weights) });
    const { code, stdout } = await classify(image, '--weights', workspace, '--json');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: (await classify(image, '--weights', weights, '--json')).stdout,
    });
  });

  it('takes a PyTorch file by NVIDIA’s flag, without being told its architecture', async () => {
    const path = join(folderOf({ 'nano.pth': nanoFile(7) }), 'nano.pth');
    const { code, stdout, stderr } = await classify(
      ...[image, '--pretrained-from-file', path, '--padding', 'torch', '--json', ...onCpu],
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `${path}: its weights are those under state_dict\n${path}: efficientnet-nano with the names of NVIDIA; ${assumed.replace('assumed, --padding overrides', 'as given')}\nefficientnet-nano: 7 classes, 64 x 64 pixels, bilinear\n${computing}`,
    });
    const other = join(folderOf({ 'nano.safetensors': nanoWeights(7) }), 'nano.safetensors');
    expect((await classify(image, '--weights', other, '--json', ...onCpu)).stdout).toBe(stdout);
    await expectFailure(
      2,
      /cannot be used with option/,
      image,
      '--weights',
      other,
      '--pretrained-from-file',
      other,
    );
  });

  it('asks for weights of a known family', async () => {
    const tensors = { 'head.weight': { shape: [1], data: new Float32Array(1) } };
    const path = join(
      folderOf({ 'w.safetensors': encodeSafetensors({ tensors, metadata: {} }) }),
      'w.safetensors',
    );
    const message = /no EfficientNet that is known \(those of NVIDIA, .*\): head\.weight \[UNKNOWN_WEIGHTS\]/;
    await expectFailure(1, message, image, '--weights', path, '--arch', 'efficientnet-nano');
  });
});
