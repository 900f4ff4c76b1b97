import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { photographPath, photographs } from '../../src/demo/photographs.ts';
import { integer, join as joined, message, text } from '../../src/export/protobuf.ts';
import { type Classification, type ClassifyOptions, classify } from '../../src/index.ts';
import { coded } from '../support/errors.ts';
import { type ExportedModel, exportedModel } from '../support/exported-model.ts';
import { folderOf } from '../support/folders.ts';
import { packageCopyWithout } from '../support/package-copy.ts';
import { photo } from '../support/photos.ts';
import { millrace, millraceIn } from '../support/processes.ts';

const images = photographs.map((name) => photographPath(name));
let model: ExportedModel;
beforeAll(async () => {
  model = await exportedModel();
});

async function guessesOf(weights: string, more: Partial<ClassifyOptions> = {}): Promise<Classification[]> {
  const found: Classification[] = [];
  const options = { images, weights, guesses: photographs.length, device: 'cpu' as const, ...more };
  for await (const one of classify(options)) found.push(one);
  return found;
}

/** Logits by class, but for a constant: what softmax keeps of them. */
const logitsOf = ({ guesses }: Classification): number[] =>
  [...guesses].sort((a, b) => a.class - b.class).map(({ probability }) => Math.log(probability));

describe('classify by an ONNX file', () => {
  it.each(['photo', 'pixels', 'tensor'] as const)(
    'gives the guesses of its checkpoint: %s',
    async (input) => {
      const expected = await guessesOf(model.checkpoint);
      const found = await guessesOf(model[input]);
      expect(found.map(({ image }) => image)).toEqual(images);
      // the model tells images apart
      expect(new Set(found.map(({ guesses }) => guesses[0]?.name)).size).toBeGreaterThan(4);
      for (const [i, one] of found.entries()) {
        const other = expected[i] as Classification;
        expect(one.guesses[0]?.name).toBe(other.guesses[0]?.name);
        const gaps = logitsOf(one).map((logit, c) => Math.abs(logit - (logitsOf(other)[c] as number)));
        expect(Math.max(...gaps)).toBeLessThan(0.01);
      }
    },
  );

  it('prints what it prints by the checkpoint, and what runs the file', async () => {
    const run = (weights: string) =>
      millrace(['classify', images[0] as string, '--weights', weights, '--csv']);
    const [byFile, byCheckpoint] = [await run(model.photo), await run(model.checkpoint)];
    expect(byFile).toMatchObject({ code: 0, isAlone: true });
    expect(byFile.lingeredMs).toBeLessThan(5000);
    const names = (csv: string) => csv.match(/[a-z-]+(?=,0\.)/g);
    expect(names(byFile.stdout)).toEqual(names(byCheckpoint.stdout));
    expect(names(byFile.stdout)).toHaveLength(5);
    const lines = byFile.stderr.trimEnd().split('\n');
    expect(lines).toEqual([
      'efficientnet-nano: 8 classes, 64 x 64 pixels, bicubic',
      expect.stringMatching(/^onnxruntime-web 1\.\d+\.\d+ runs .*photo\.onnx: input photo$/),
    ]);
  });

  it('goes past images that cannot be used, and names them', async () => {
    const folder = folderOf({ 'a.jpg': await photo(1), 'b.jpg': 'no image', 'c.jpg': await photo(2) });
    await expect(guessesOf(model.photo, { images: [folder] })).rejects.toMatchObject({
      code: 'NOT_AN_IMAGE',
      sample: join(folder, 'b.jpg'),
    });
    const bad: unknown[] = [];
    const found = await guessesOf(model.pixels, {
      images: [folder],
      onBadImage: ({ sample }) => bad.push(sample),
    });
    expect(bad).toEqual([join(folder, 'b.jpg')]);
    expect(found.map(({ image }) => image)).toEqual(['a.jpg', 'c.jpg'].map((name) => join(folder, name)));
  });

  it('takes names of classes that are given', async () => {
    const classes = photographs.map((name) => name.toUpperCase());
    const [found] = await guessesOf(model.photo, { images: images.slice(0, 1), classes });
    expect(found?.guesses.map(({ name }) => name).sort()).toEqual(classes);
    await expect(guessesOf(model.photo, { classes: ['one'] })).rejects.toThrow(
      coded('OTHER_CLASSES', /expected 8 names of classes, one per line, got 1/),
    );
  });

  it.each<[string, Partial<ClassifyOptions>, string, RegExp]>([
    [
      'another model',
      { model: 'efficientnet-b4' },
      'OTHER_MODEL',
      /holds an efficientnet-nano, not an efficientnet-b4/,
    ],
    ['a size', { imageSize: 64 }, 'INVALID_OPTION', /imageSize 64 \(--image-size\): an ONNX file says how/],
    [
      'an interpolation',
      { interpolation: 'bilinear' },
      'INVALID_OPTION',
      /interpolation bilinear \(--interpolation\)/,
    ],
    ['a trainer', { trainer: 'tfjs' }, 'INVALID_OPTION', /trainer tfjs \(--trainer\): .*: leave it out/],
    ['a GPU', { device: 'gpu' }, 'INVALID_OPTION', /device gpu \(--device\): .* on the CPU/],
  ])('refuses %s', async (_, options, code, reason) => {
    await expect(guessesOf(model.photo, options)).rejects.toThrow(coded(code, reason));
  });

  it('tells of options that change nothing', async () => {
    const told: string[] = [];
    const options = { images: images.slice(0, 1), threads: 2, trainerBackend: 'wasm' };
    await guessesOf(model.photo, { ...options, onMessage: (line) => told.push(line) });
    expect(told.slice(2)).toEqual([
      'threads 2 (--threads): ignored: an ONNX file is run by onnxruntime-web, on one thread',
      'trainerBackend wasm (--tfjs-backend): ignored: an ONNX file is run by onnxruntime-web, on one thread',
    ]);
  });

  it('ends where it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(guessesOf(model.photo, { signal })).rejects.toThrow('enough');
  });
});

describe('classify names what is wrong with an ONNX file', () => {
  const photoFile = () => readFileSync(model.photo);
  /** With more metadata: the last of a name counts. */
  const saying = (name: string, value: string) =>
    Buffer.concat([photoFile(), joined(message(14, text(1, name), text(2, value)))]);

  it.each<[string, () => Uint8Array, string, RegExp]>([
    [
      'cut off',
      () => photoFile().subarray(0, 5000),
      'DAMAGED_ONNX',
      /a\.onnx: not a readable ONNX file: \d+ more/,
    ],
    ['a text', () => Buffer.from('a text'), 'DAMAGED_ONNX', /a\.onnx: not a readable ONNX file/],
    ['empty', () => Buffer.alloc(0), 'DAMAGED_ONNX', /a\.onnx: not a readable ONNX file: it has no graph/],
    [
      "another program's",
      () => joined([...integer(1, 8), ...message(7)]),
      'NOT_OUR_ONNX',
      /a\.onnx: an ONNX file that/,
    ],
    [
      'of other classes',
      () => saying('classes', '["a","b"]'),
      'DAMAGED_ONNX',
      /names 2 classes and gives 8 numbers/,
    ],
    [
      'without pixels',
      () => saying('imageSize', '0'),
      'DAMAGED_ONNX',
      /a\.onnx: its metadata cannot be: centerCrop/,
    ],
    ['of endless pixels', () => saying('shortSide', '1e9'), 'DAMAGED_ONNX', /its metadata cannot be: resize/],
  ])('that is %s', async (_, file, code, reason) => {
    const weights = join(folderOf({ 'a.onnx': file() }), 'a.onnx');
    await expect(guessesOf(weights)).rejects.toThrow(coded(code, reason));
  });

  it('whose graph is damaged, and that is not there', async () => {
    const damaged = photoFile();
    damaged.fill(255, 2000, 2100);
    const folder = folderOf({ 'a.onnx': damaged });
    await expect(guessesOf(join(folder, 'a.onnx'))).rejects.toThrow(
      coded('DAMAGED_ONNX', /a\.onnx: onnxruntime-web cannot open it: /),
    );
    await expect(guessesOf(join(folder, 'none.onnx'))).rejects.toThrow(
      coded('READ_FAILED', /none\.onnx: cannot be read: ENOENT/),
    );
  });

  it('whose input is not what it says', async () => {
    const weights = join(folderOf({ 'a.onnx': saying('input', 'tensor') }), 'a.onnx');
    await expect(guessesOf(weights)).rejects.toThrow(
      coded('ONNX_FAILED', /acanthus.*image\.jpg: .*a\.onnx: onnxruntime-web: /),
    );
  });
});

describe('without onnxruntime-web', () => {
  it('classify says how to install it, and a checkpoint does not need it', async () => {
    const root = packageCopyWithout('onnxruntime-web');
    const run = (weights: string) =>
      millraceIn(root, ['classify', images[0] as string, '--device', 'cpu', '--weights', weights]);
    const { code, stderr } = await run(model.photo);
    expect({ code, isStack: stderr.includes('    at ') }).toEqual({ code: 1, isStack: false });
    expect(stderr).toContain('is not installed with millrace: npm install onnxruntime-web [MISSING_PACKAGE]');
    expect(await run(model.checkpoint)).toMatchObject({ code: 0 });
  });
});
