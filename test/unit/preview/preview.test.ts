import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { makeCommand } from '../../../src/cli/command.ts';
import { previewCommand } from '../../../src/cli/commands/preview.ts';
import { type DataFlags, streamOf } from '../../../src/cli/flags/data-flags.ts';
import type { Drawn } from '../../../src/core/batch.ts';
import type { RawImage, Size, Tensor } from '../../../src/core/image.ts';
import type { Step } from '../../../src/core/step.ts';
import { tensorImage } from '../../../src/core/tensor.ts';
import type { Dataset } from '../../../src/datasets/dataset.ts';
import { makePlan, tensorFormat } from '../../../src/engine/plan/plan.ts';
import {
  applyOperators,
  cutmix,
  decode,
  erase,
  imageFolder,
  images,
  type Mixing,
  mix,
  mixup,
  normalize,
  pipeline,
  randomResizedCrop,
} from '../../../src/index.ts';
import { renderSamples } from '../../../src/preview/render.ts';
import { renderPreview } from '../../../src/preview/render-preview.ts';
import { defaultRecipe } from '../../../src/streams/recipe.ts';
import { trainingSteps } from '../../../src/streams/training-steps.ts';
import { patternImage, patternItems } from '../../support/raw-images.ts';
import { collect } from '../../support/streams.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-preview-'));
afterAll(() => rmSync(root, { recursive: true }));

interface PreviewFlags extends Partial<DataFlags> {
  readonly samples: number;
  readonly versions: number;
  readonly cell?: number;
}

/** The picture that these flags ask for, in a file; resolves to what it shows. */
async function writePreview(
  data: Dataset,
  { samples, versions, cell, ...flags }: PreviewFlags,
  out: string,
  { log, signal }: { log?: (line: string) => void; signal?: AbortSignal } = {},
) {
  const size = { samples, versions, cell };
  const shown = await renderPreview({
    data,
    ...streamOf(flags),
    ...size,
    out,
    signal,
    ...(log && { onMessage: log }),
  });
  return shown.samples;
}

const flags = {
  dataBackend: 'cpu',
  seed: 5,
  onError: 'stop',
  imageSize: 24,
  interpolation: 'bicubic',
  augmentation: 'autoaugment',
  policy: 'v0',
  samples: 3,
  versions: 4,
} as const satisfies PreviewFlags;

const png = ({ data, width, height }: ReturnType<typeof patternImage>): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();

/** A folder with two classes of two PNG files each. */
async function writeFolder(name: string): Promise<string> {
  const folder = join(root, name);
  for (const [i, key] of ['ant/1.png', 'ant/2.png', 'bee/1.png', 'bee/2.png'].entries()) {
    mkdirSync(join(folder, key.slice(0, 3)), { recursive: true });
    writeFileSync(join(folder, key), await png(patternImage(i, 40 + i, 50)));
  }
  return folder;
}

describe('renderSamples', () => {
  it('shows the first samples of epoch 0 as the pipeline delivers them, epoch by epoch', async () => {
    const encoded = await png(patternImage(99, 61, 35));
    const dataset = images([...patternItems(9), { image: encoded, label: 1, key: 'encoded' }]);
    const steps = trainingSteps({ ...defaultRecipe, ...flags });
    const { seed } = flags;
    const samples = await renderSamples(dataset, {
      steps,
      seed,
      batchSize: 4,
      backend: 'cpu',
      samples: 10,
      versions: 3,
      cell: 24,
    });
    const options = { batchSize: 4, workers: 0, seed, epochs: 3, recordDraws: true } as const;
    const batches = await collect(pipeline(dataset, options).pipe(...steps));

    const firstEpoch = batches.filter(({ epoch }) => epoch === 0).flatMap(({ ids }) => [...ids]);
    expect(samples.map(({ id }) => id)).toEqual(firstEpoch);
    for (const { epoch, ids, keys, drawn, images: pixels } of batches) {
      for (const [row, id] of ids.entries()) {
        const sample = samples.find((candidate) => candidate.id === id);
        const version = sample?.versions[epoch];
        expect(sample?.key).toBe(keys[row]);
        expect(version?.drawn).toEqual(drawn?.[row]);
        const tensor = (await applyOperators(version?.image as RawImage, [normalize()])) as Tensor;
        expect(tensor.data).toEqual(pixels.slice(row * tensor.data.length, (row + 1) * tensor.data.length));
      }
    }
  });
});

describe('renderSamples of a pipeline that mixes and erases', () => {
  const erasing = { probability: 0.8, value: 'noise' } as const;
  const sizing = [randomResizedCrop(16), normalize()];
  const format = tensorFormat(makePlan(sizing, { decode: decode(), normalize: normalize() }));

  it.each<[string, readonly Step[]]>([
    ['mixup', [mixup(0.8)]],
    ['cutmix, erased before', [erase({ probability: 1, count: [1, 3] }), cutmix()]],
    ['row by row, erased after', [mix({ cutmix: 1, mixup: 0.8, mode: 'row', prob: 0.7 }), erase(erasing)]],
    [
      'pair by pair, erased both times',
      [erase(), mix({ cutmix: 1, mode: 'pair', prob: 0.7 }), erase(erasing)],
    ],
  ])('shows the rows of the pipeline: %s', async (_, mixing) => {
    const dataset = { ...images(patternItems(11)), classes: ['a', 'b', 'c', 'd', 'e'] };
    const steps = [...sizing, ...mixing];
    const shown = { samples: 11, versions: 3, cell: 16 };
    const samples = await renderSamples(dataset, { steps, seed: 5, batchSize: 4, backend: 'cpu', ...shown });
    const stream = pipeline(dataset, { batchSize: 4, workers: 0, seed: 5, epochs: 3 }).pipe(...steps);
    for (const { epoch, ids, images: tensors, mixing } of await collect(stream))
      for (const [row, id] of ids.entries()) {
        const version = samples.find((sample) => sample.id === id)?.versions[epoch];
        const { buffer, byteOffset, byteLength } = tensors;
        const length = byteLength / ids.length;
        const tensor = new Uint8Array(buffer, byteOffset + row * length, length);
        expect(version?.image).toEqual(tensorImage(tensor, format, { width: 16, height: 16 }));
        const { weights, partnerRows, partnerLabels } = mixing as Mixing;
        const share = Number((1 - (weights[row] as number)).toFixed(2));
        const name = dataset.classes[partnerLabels[row] as number];
        expect(version?.lines).toContain(partnerRows[row] === row ? 'not mixed' : `with ${share} ${name}`);
        expect(version?.mixed?.partnerId).toBe(
          partnerRows[row] === row ? undefined : ids[partnerRows[row] as number],
        );
      }
  });

  it('refuses to mix images of different sizes, and names the partner that cannot be read', async () => {
    const shown = { seed: 5, batchSize: 4, backend: 'cpu', samples: 4, versions: 1, cell: 48 } as const;
    const sizes = images(patternItems(4));
    await expect(renderSamples(sizes, { ...shown, steps: [mixup(0.2)] })).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
      message: expect.stringMatching(/^pattern-\d: its partner pattern-\d: rows of .* cannot be mixed$/),
    });
    const damaged = images([
      ...patternItems(1),
      { image: Uint8Array.from([1, 2, 3]), label: 1, key: 'damaged' },
    ]);
    const told: string[] = [];
    const steps = [...sizing, cutmix()];
    const onBadSample = ({ message }: Error) => told.push(message);
    expect(await renderSamples(damaged, { ...shown, steps, onBadSample })).toEqual([]);
    expect(told.sort()).toEqual([
      expect.stringMatching(/^damaged: /),
      expect.stringMatching(/^pattern-0: its partner damaged: /),
    ]);
  });
});

describe('renderPreview', () => {
  const dataset = images(patternItems(8));
  const pictureOf = async (name: string, given: Partial<PreviewFlags> = {}) => {
    const out = join(root, 'pictures', name);
    await writePreview(dataset, { ...flags, ...given }, out);
    return readFileSync(out);
  };

  it('writes the same file for the same seed on every backend, another for another seed', async () => {
    const cpu = await pictureOf('cpu.png');
    const reference = await pictureOf('reference.png', { dataBackend: 'reference' });
    expect(reference.equals(cpu)).toBe(true);
    expect((await pictureOf('again.PNG')).equals(cpu)).toBe(true);
    expect((await pictureOf('other.png', { seed: 6 })).equals(cpu)).toBe(false);
    const { format, width } = await sharp(cpu).metadata();
    // five cells of 24 x 7 = 168 pixels, four gaps of 14, two margins of 20
    expect([format, width]).toEqual(['png', 5 * 168 + 4 * 14 + 2 * 20]);
  });

  it('shows the whole dataset where more samples are asked for', async () => {
    const shown = await writePreview(dataset, { ...flags, samples: 20, versions: 1 }, join(root, 'all.png'));
    expect(shown.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('draws crops of the areas asked for, of all sizes where none are', async () => {
    const smallestCrop = async (given: Partial<PreviewFlags>) => {
      const wide = { ...flags, ...given, versions: 8, augmentation: 'none' } as const;
      const shown = await writePreview(dataset, { ...wide, samples: 8 }, join(root, 'areas.png'));
      const areas = shown.flatMap(({ size, versions }) =>
        versions.map(({ drawn: [crop] }) => {
          const { width, height } = (crop as Drawn).values as Size;
          return (width * height) / (size.width * size.height);
        }),
      );
      return Math.min(...areas);
    };
    // a side is rounded to whole pixels
    expect(await smallestCrop({ cropScale: [0.8, 1] })).toBeGreaterThan(0.75);
    expect(await smallestCrop({})).toBeLessThan(0.3);
  });

  it.each<[Partial<PreviewFlags>, string, RegExp]>([
    [{}, 'grid.jpg', /out \(--out\) must be a .png file/],
    [{ samples: 0 }, 'grid.png', /samples must be an integer 1/],
    [{ versions: 1.5 }, 'grid.png', /versions must be an integer/],
    [{ cell: 8 }, 'grid.png', /cell must be an integer 48..4096, got 8/],
    [{ samples: 1000, cell: 1000 }, 'grid.png', /at most 100000000 pixels/],
    [{ imageSize: 0 }, 'grid.png', /size must be/],
    [{ cropScale: [1, 0.5] }, 'grid.png', /scale must be \[low, high\] within 0..1/],
    [{ seed: -1 }, 'grid.png', /seed must be/],
    [{ dataBackend: 'synthetic' }, 'grid.png', /'synthetic' reads no images/],
  ])('refuses %o to %s', async (given, out, message) => {
    const writing = writePreview(dataset, { ...flags, ...given }, join(root, out));
    await expect(writing).rejects.toMatchObject({
      name: 'ParameterError',
      message: expect.stringMatching(message),
    });
  });

  it('names the file that cannot be written', async () => {
    writeFileSync(join(root, 'file'), '');
    const out = join(root, 'file', 'grid.png');
    await expect(writePreview(dataset, flags, out)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
  });

  it('names a bad image, or shows another and says so with substitute', async () => {
    const folder = await writeFolder('bad');
    writeFileSync(join(folder, 'ant/2.png'), 'no image');
    const all = { ...flags, samples: 4, versions: 1 };
    const writing = writePreview(imageFolder(folder), all, join(root, 'bad.png'));
    await expect(writing).rejects.toMatchObject({ name: 'DataError', sample: 'ant/2.png' });

    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const substituting = { ...all, onError: 'substitute' } as const;
    const shown = await writePreview(imageFolder(folder), substituting, join(root, 'bad.png'), { log });
    expect(shown.map(({ key }) => key).sort()).toEqual(['ant/1.png', 'bee/1.png', 'bee/2.png']);
    expect(lines).toEqual([expect.stringMatching(/^not shown: ant\/2.png: /)]);
  });

  it('stops when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(writePreview(dataset, flags, join(root, 'no.png'), { signal })).rejects.toThrow('enough');
  });
});

describe('millrace preview', () => {
  afterEach(() => vi.restoreAllMocks());

  it('prints what was drawn as JSON lines', async () => {
    const folder = await writeFolder('data');
    const out = join(root, 'command.png');
    let printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += text;
      return true;
    });
    const command = makeCommand('millrace').addCommand(previewCommand());
    const given = ['--samples', '2', '--versions', '2', '--image-size', '24', '--json', '--quiet'];
    await command.parseAsync(['node', 'millrace', 'preview', folder, '--out', out, ...given]);
    vi.restoreAllMocks();

    const lines = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const shown = await writePreview(
      imageFolder(folder),
      { ...flags, seed: 0, augmentation: 'none', interpolation: 'bilinear', samples: 2, versions: 2 },
      join(root, 'same.png'),
    );
    expect(lines).toEqual(
      shown.flatMap(({ id, key, label, size, versions }) =>
        versions.map(({ epoch, drawn }) => ({
          id,
          key,
          label,
          class: key.slice(0, 3),
          ...size,
          epoch,
          drawn,
        })),
      ),
    );
    expect(readFileSync(out).equals(readFileSync(join(root, 'same.png')))).toBe(true);
  });
});
