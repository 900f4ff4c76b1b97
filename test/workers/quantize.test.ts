import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from '../../src/index.ts';
import { loadCheckpoint } from '../../src/trainers/checkpoint.ts';
import { writeFiles } from '../support/folders.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-quantize-'));
const data = join(root, 'photos');
const run = join(root, 'run');
const onCpu = ['--device', 'cpu', '--batch-size', '4'];
const tiny = ['--arch', 'efficientnet-nano', '--image-size', '32', ...onCpu];

/** What the command prints, if it succeeds. */
async function succeeding(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await millrace(args);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

const failing = async (...args: string[]): Promise<string> => {
  const { code, stderr } = await millrace(args);
  expect(code).not.toBe(0);
  return stderr;
};

beforeAll(async () => {
  const files: Record<string, Uint8Array> = {};
  for (const name of ['cat', 'dog']) {
    for (let i = 0; i < 8; i++) files[`train/${name}/${i}.jpg`] = await photo(i, 48, 40);
    for (let i = 0; i < 2; i++) files[`val/${name}/${i}.jpg`] = await photo(40 + i, 48, 40);
  }
  writeFiles(data, files);
  await train({
    ...{ data, workspace: run, device: 'cpu', model: 'efficientnet-nano', report: false },
    ...{
      stream: { batchSize: 4, workers: 0 },
      recipe: { imageSize: 32 },
      schedule: { epochs: 2, base: 0.02 },
    },
  }).result;
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('millrace quantize', () => {
  it('writes the same file with any number of workers and threads, and on the reference backend', async () => {
    const made = async (name: string, ...flags: string[]) => {
      const out = join(root, name);
      await succeeding('quantize', run, data, '--out', out, ...onCpu, ...flags);
      return readFileSync(out);
    };
    const first = await made('a.safetensors', '--workers', '0', '--threads', '1');
    expect(await made('b.safetensors', '--workers', '3', '--threads', '2')).toEqual(first);
    const others = ['--data-backend', 'reference', '--workers', '1', '--prefetch', '4'];
    expect(await made('c.safetensors', ...others)).toEqual(first);
  });

  it('says what int8 costs, and what evaluate then says too', async () => {
    const out = join(root, 'int8.safetensors');
    const quantized = JSON.parse(await succeeding('quantize', run, data, '--out', out, ...onCpu, '--json'));
    expect(quantized).toMatchObject({ path: out, quantization: { placement: 'onnxruntime', batches: 4 } });
    const evaluated = JSON.parse(await succeeding('evaluate', out, data, ...onCpu, '--json'));
    // of two classes it says no top-5
    const { top5: _, ...int8 } = quantized.accuracy.int8;
    expect(evaluated).toMatchObject(int8);
    expect(quantized.accuracy.int8.loss).not.toBe(quantized.accuracy.float32.loss);
    const [guess] = (
      await succeeding('classify', join(data, 'val'), '--weights', out, '--device', 'cpu', '--json')
    ).split('\n');
    expect(JSON.parse(guess as string).guesses).toHaveLength(2);
  });

  it('prints for people', async () => {
    const out = join(root, 'people.safetensors');
    const printed = await succeeding('quantize', run, data, '--out', out, ...onCpu, '--calibration', 'mse');
    expect(printed).toMatch(/values quantised for onnxruntime: ranges by 4 batches of 4 images, mse\n/);
    expect(printed).toMatch(/weights: .* MiB in int8, \d+\.\d % of the .* MiB in float32\n/);
    expect(printed).toMatch(/val in float32: top-1 .*\nval in int8: {4}top-1 .* \(4 images\)\n/);
  });

  it('refuses tfjs, and a quantised file, by their names', async () => {
    const out = join(root, 'int8-again.safetensors');
    expect(await failing('quantize', run, data, '--out', out, '--trainer', 'none')).toMatch(
      /\[CANNOT_QUANTIZE\]/,
    );
    const int8 = join(root, 'once.safetensors');
    await succeeding('quantize', run, data, '--out', int8, ...onCpu);
    expect(await failing('quantize', int8, data, '--out', out, ...onCpu)).toMatch(/\[ALREADY_QUANTIZED\]/);
  });
});

describe('millrace train --quantized', () => {
  it('continues to the same bits as if it had not stopped', async () => {
    const flags = [
      ...tiny,
      '--quantized',
      '--epochs',
      '2',
      '--pretrained-from-file',
      join(run, 'checkpoint.safetensors'),
    ];
    const [whole, halved] = [join(root, 'whole'), join(root, 'halved')];
    await succeeding('train', data, ...flags, '--workspace', whole, '--quiet');
    await succeeding('train', data, ...flags, '--workspace', halved, '--quiet', '--prof', '3');
    await succeeding('train', '--resume', halved, '--quiet');
    const [a, b] = await Promise.all(
      [whole, halved].map((one) => loadCheckpoint(join(one, 'checkpoint.safetensors'))),
    );
    expect(b?.state).toEqual(a?.state);
    expect(b?.metadata['quantization']).toBe(a?.metadata['quantization']);
    expect(a?.state.quant?.['point.images']?.data[0]).toBeGreaterThan(0);
  });

  it('trains from a quantised file without calibrating again', async () => {
    const int8 = join(root, 'start.safetensors');
    await succeeding('quantize', run, data, '--out', int8, ...onCpu, '--placement', 'tensorrt');
    const workspace = join(root, 'skipping');
    const flags = [
      ...tiny,
      '--quantized',
      '--skip-calibration',
      '--pretrained-from-file',
      int8,
      '--epochs',
      '1',
    ];
    await succeeding('train', data, ...flags, '--workspace', workspace, '--quiet');
    const [before, after] = await Promise.all(
      [int8, join(workspace, 'checkpoint.safetensors')].map(loadCheckpoint),
    );
    expect(after?.state.quant).toEqual(before?.state.quant);
    expect(after?.state.weights).not.toEqual(before?.state.weights);
  });

  it('refuses mixed precision, by its flag', async () => {
    const flags = [...tiny, '--quantized', '--amp', '--workspace', join(root, 'amp')];
    expect(await failing('train', data, ...flags)).toMatch(/quantized \(--quantized\).*mixed \(--amp\)/);
  });
});
