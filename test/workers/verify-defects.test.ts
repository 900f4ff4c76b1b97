import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Difference,
  imageFolder,
  images,
  randomApply,
  randomHorizontalFlip,
  randomResizedCrop,
  type Step,
  verifyStream,
} from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { type Defect, packageCopy } from '../support/package-copy.ts';
import { photoFolder } from '../support/photos.ts';
import { millraceIn } from '../support/processes.ts';
import { patternItems } from '../support/raw-images.ts';
import { importTo } from '../support/stores.ts';
import {
  counts,
  countsBatches,
  drawsByChance,
  knowsItsThread,
  lowersByChance,
  readsEnvironment,
} from '../support/unruly.ts';

const dataset = images(patternItems(24));
const options = { batchSize: 8, batches: 1, workers: 2, backends: [], seed: 3 } as const;

/** What is found with this operator among others. */
async function differencesWith(operator: Step, only = ''): Promise<(Difference | undefined)[]> {
  const steps = [randomResizedCrop(16), operator, randomHorizontalFlip()];
  const { results, isOneStream } = await verifyStream(dataset, steps, { ...options, only });
  expect(isOneStream).toBe(false);
  return results.filter(({ status }) => status === 'fail').map(({ difference }) => difference);
}

describe('verify names an operator that', () => {
  it('draws by Math.random', async () => {
    const found = await differencesWith(drawsByChance());
    // all variants: no two runs are the same
    expect(found).toHaveLength(10);
    for (const difference of found)
      expect(difference).toMatchObject({
        ...{ epoch: 0, batch: 0, row: 0, stage: 'draw', operator: 'drawsByChance' },
        key: expect.stringMatching(/^pattern-\d+$/),
        detail: expect.stringMatching(/^drew \{"levels":[\d.]+\} instead of \{"levels":[\d.]+\}$/),
      });
  });

  it('lowers the same draws by Math.random', async () => {
    const found = await differencesWith(lowersByChance(), 'workers');
    expect(found).toHaveLength(5);
    for (const difference of found)
      expect(difference).toMatchObject({ stage: 'lower', operator: 'lowersByChance', kernel: 'lut' });
  });

  it('lowers the same draws by Math.random inside another', async () => {
    const found = await differencesWith(randomApply([lowersByChance()], { probability: 1 }), '2 workers');
    expect(found).not.toEqual([]);
    for (const difference of found)
      expect(difference).toMatchObject({ stage: 'lower', operator: 'lowersByChance', kernel: 'lut' });
  });

  it('counts its calls', async () => {
    for (const difference of await differencesWith(counts(), 'ranks'))
      expect(difference).toMatchObject({ stage: 'draw', operator: 'counts' });
  });

  it('counts its calls, and blends batches', async () => {
    const steps = [randomResizedCrop(16), countsBatches(1)];
    const { results } = await verifyStream(dataset, steps, { ...options, only: '2 workers' });
    for (const { difference } of results.slice(1))
      expect(difference).toMatchObject({ stage: 'mix', operator: 'countsBatches' });
  });

  it('depends on the thread it runs on, which the row alone does not show', async () => {
    const [difference] = await differencesWith(knowsItsThread(), 'no workers');
    expect(difference).toMatchObject({
      ...{ stage: 'image', operator: 'knowsItsThread' },
      detail: 'in the pipeline, not where it runs alone on the calling thread',
    });
  });

  it('changed once, between two runs: then it says that the row made again does not show it', async () => {
    const steps = [randomResizedCrop(16), readsEnvironment()];
    const change = () => {
      process.env['MILLRACE_TEST_LEVELS'] = '40';
    };
    onTestFinished(() => {
      delete process.env['MILLRACE_TEST_LEVELS'];
    });
    const { results } = await verifyStream(dataset, steps, {
      ...options,
      only: 'no workers',
      onResult: change,
    });
    expect(results.at(-1)?.difference).toMatchObject({
      stage: 'unknown',
      detail:
        'only in that run: made again, alone and in the pipeline, the two agree; alone it is as the variant has it; ' +
        'what may depend on time, or on a state, is readsEnvironment',
    });
  });
});

interface Planted extends Defect {
  readonly name: string;
  /** The variant that has to fail, and what is said of it. */
  readonly only: string;
  readonly line: RegExp;
  readonly mixup?: string;
}

const kernels = 'backends/kernels';
const sample = '(cat|dog)/\\d\\.jpg';
const reference = `^reference, some batches .* FAIL epoch 0, batch 0, row \\d, ${sample}`;
const number = '-?[\\d.]+';
const values = '-?[\\d.]+ instead of -?[\\d.]+';

const defects: readonly Planted[] = [
  {
    name: "a kernel's meaning that is off by one",
    file: `${kernels}/resample/resample.js`,
    from: 'filterColumns(narrow, windowWidth * 3, rows, output);',
    to: 'filterColumns(narrow, windowWidth * 3, rows, output); output[7] ^= 1;',
    only: 'reference',
    line: RegExp(
      `${reference}: image, operator randomResizedCrop, kernel resample: pixel \\(2, 0\\) green: ${values}, drawn: \\{`,
      'm',
    ),
  },
  {
    name: "a kernel that AutoAugment's operators alone use",
    file: `${kernels}/lut/lut.js`,
    from: 'output[i] = tables[(i % 3) * 256 + data[i]]',
    to: 'output[i] = tables[(i % 3) * 256 + data[i]] ^ (i === 3)',
    only: 'reference',
    line: RegExp(
      `${reference}: image, operator \\w+, kernel (statistics-)?lut: pixel \\(1, 0\\) red: ${values} \\(part of autoAugment\\)`,
      'm',
    ),
  },
  {
    name: 'what is between the cpu backend and its WebAssembly',
    file: 'backends/cpu/executor.js',
    from: 'name)(...parameters);',
    to: "name)(...parameters); if (kernel.name === 'resample') this.#memory.view(target, 1)[0] ^= 1;",
    only: 'reference',
    line: RegExp(
      `${reference}: image, operator randomResizedCrop, kernel resample: pixel \\(0, 0\\) red: ${values}`,
      'm',
    ),
  },
  {
    name: 'normalising',
    file: `${kernels}/finish/finish.js`,
    from: 'output[position(i)] = table[(i % 3) * 256 + image.data[i]];',
    to: 'output[position(i)] = table[(i % 3) * 256 + image.data[i]] + (i === 4);',
    only: 'reference',
    line: RegExp(
      `${reference}: normalize, operator normalize, kernel finish: pixel \\(1, 0\\) green: ${values}`,
      'm',
    ),
  },
  {
    name: 'blending',
    file: `${kernels}/finish/finish.js`,
    from: 'output[position(i)] = fixedToElement(sum, shift, dtype);',
    to: 'output[position(i)] = fixedToElement(sum, shift, dtype) + (i === 5);',
    mixup: '0.2',
    only: 'reference',
    line: RegExp(`${reference}: mix, operator mixup, kernel finish: pixel \\(1, 0\\) blue: ${values}`, 'm'),
  },
  {
    name: "the weight of a rank's MixUp",
    file: 'src/engine/run/open-run.js',
    from: 'mixes: rowMixes(plan, seed, size)',
    to: 'mixes: rowMixes(plan, seed + options.rank, size)',
    mixup: '0.2',
    only: '2 ranks',
    line: RegExp(
      `^2 ranks .* FAIL epoch 0, batch 0, row 4, ${sample}: mix, operator mixup: share ${number} instead of share ${number}`,
      'm',
    ),
  },
  {
    name: 'the sampling of the third and fourth rank',
    file: 'src/engine/order/sampling.js',
    from: 'at(firstSample + sample)',
    to: 'at((firstSample + sample + (rank > 1 ? 1 : 0)) % options.length)',
    only: '4 ranks',
    line: RegExp(
      `^4 ranks .* FAIL epoch 0, batch 0, row 4, ${sample}: order: sample \\d+ \\(${sample}\\) instead of sample \\d+`,
      'm',
    ),
  },
  {
    name: 'a rolling digest that does not go on after a stop',
    file: 'src/engine/run/open-run.js',
    from: "digestSoFar: options.start.digest ?? ''",
    to: "digestSoFar: ''",
    only: '1 worker, then 2',
    line: /^1 worker, then 2 .* FAIL epoch \d, batch [1-9]: digest: \w{64} instead of \w{64}/m,
  },
  {
    name: 'a batch that is not what was digested',
    file: 'src/engine/slots/slot-batch.js',
    from: "read: async () => memoryFor('read()').read(),",
    to: "read: async () => { const memory = memoryFor('read()'); memory.images[0] ^= facts.index; return memory.read(); },",
    only: '2 workers',
    line: RegExp(`^2 workers .* FAIL epoch 0, batch 1, row 0, ${sample}: delivery: of the baseline, `, 'm'),
  },
];

describe('verify, run from a copy of the package,', () => {
  // no GPU: elsewhere there is no way to hide one
  const env = { VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' };
  const verify = async (root: string, ...more: string[]) =>
    verifyData(root, [await photoFolder(12)], ...more);
  const verifyData = (root: string, data: readonly string[], ...more: string[]) => {
    const flags = ['--image-size', '16', '--batch-size', '8', '--batches', '2', '--workers', '2'];
    return millraceIn(root, ['verify', ...data, ...flags, '--augmentation', 'autoaugment', ...more], { env });
  };

  it('passes one that is as it should be', async () => {
    const { code, stdout, isAlone } = await verify(packageCopy(), '--mixup', '0.2');
    expect({ code, isAlone }).toEqual({ code: 0, isAlone: true });
    expect(stdout).not.toContain('FAIL');
    expect(stdout).toMatch(
      /\nPASS: one stream, made in 1\d ways.*; digests: dataset \w{64}, pipeline \w{64}, stream \w{64}\n$/,
    );
  });

  it.each(defects)('finds and names a defect in $name', async ({ line, only, mixup = '0', ...defect }) => {
    const { code, stdout } = await verify(packageCopy(defect), '--mixup', mixup, '--only', only);
    expect(stdout).toMatch(line);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nFAIL: .*\n$/);
  });

  it("finds and names a defect in decoding a part of a store's image", async () => {
    const [folder, path] = [await photoFolder(12), join(folderOf(), 'photos.lmdb')];
    await importTo(imageFolder(folder), path);
    const copy = packageCopy({
      file: 'backends/decode/region.js',
      from: 'if (!decodeWithTurbo(file, allocate(region)))',
      to: 'const pixels = allocate(region); const isDecoded = decodeWithTurbo(file, pixels); pixels.fill(7); if (!isDecoded)',
    });
    const { code, stdout } = await verifyData(copy, [folder, path], '--only', 'store(');
    expect(stdout).toMatch(
      RegExp(
        `^store.* FAIL epoch 0, batch 0, row 0, ${sample}: decode, operator decode, kernel decode: decoded in part, pixel`,
        'm',
      ),
    );
    expect(code).toBe(1);
  });
});
