import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findAdapter } from '../../backends/gpu/device/adapter.ts';
import { imageFolder } from '../../src/index.ts';
import { renderPreview } from '../../src/preview/render-preview.ts';
import { folderOf } from '../support/folders.ts';
import { adapter, describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { photo, photoFolder } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';

const onGpu = ['--data-backend', 'gpu', '--batch-size', '4', '--workers', '1'];
/** The lines that are ours: drivers print warnings of their own. */
const lines = (stderr: string) => stderr.split('\n').filter((line) => !/^Warning: max/.test(line));
const firstLine = `GPU adapter: ${adapter?.name}${adapter?.isSoftware ? ' (software, runs on the CPU: correct, but slower than the cpu backend)' : ''}`;

describeOnGpu('millrace --data-backend gpu', () => {
  itOnGpu('names the adapter first, measures, says what went to it, and ends by itself', async () => {
    const flags = [...onGpu, '--image-size', '16', '--seconds', '1', '--augmentation', 'autoaugment'];
    const data = await photoFolder(4);
    const { code, stdout, stderr, isAlone } = await millrace(['bench', data, ...flags, '--gpu-adapter', '0']);
    expect({ code, isAlone }).toEqual({ code: 0, isAlone: true });
    expect(lines(stderr)[0]).toBe(firstLine);
    expect(stderr).toContain('gpu        9 dispatches per batch');
    expect(stdout).toMatch(/^GPU: 9 dispatches in 1 submit per batch; [1-9]\d* bytes up, 0 down per image$/m);
  });

  itOnGpu('writes the adapter and what went to it as JSON', async () => {
    const flags = [...onGpu, '--image-size', '16', '--seconds', '1', '--json', '--quiet', '--digest'];
    const { stdout } = await millrace(['bench', await photoFolder(4), ...flags]);
    const { bytesUpPerImage, bytesDownPerImage, ...rest } = JSON.parse(stdout).gpu;
    expect(rest).toEqual({ ...adapter, dispatchesPerBatch: 3, submitsPerBatch: 1 });
    expect(bytesUpPerImage).toBeGreaterThan(0);
    // for the digest every batch is read, a little after it was made
    expect(bytesDownPerImage / (16 * 16 * 3 * 2)).toBeGreaterThan(0.5);
    expect(bytesDownPerImage / (16 * 16 * 3 * 2)).toBeLessThan(1.5);
  });

  itOnGpu('lists the adapters where there is none of the choice, and ends with 1', async () => {
    const data = await photoFolder(2);
    for (const choice of ['99', 'no such adapter']) {
      const finished = await millrace(['bench', data, ...onGpu, '--gpu-adapter', choice]);
      expect(finished).toMatchObject({ code: 1, stdout: '', isAlone: true });
      expect(lines(finished.stderr)[0]).toMatch(
        /^error: no GPU adapter '.*'; there are: 0 .* \[NO_ADAPTER\]$/,
      );
      expect(finished.stderr).toContain(`'${choice}'; there are: 0 ${adapter?.name} (`);
    }
  });

  itOnGpu('hands its device to the trainer, for training and for evaluation', async () => {
    const files = { 'val/cat/1.jpg': await photo(3), 'val/dog/1.jpg': await photo(4) };
    const train = { 'train/cat/1.jpg': await photo(1), 'train/dog/1.jpg': await photo(2) };
    const data = folderOf({ ...files, ...train });
    const workspace = folderOf();
    const trainer = join(workspace, 'trainer.mjs');
    writeFileSync(trainer, borrowingTrainer);
    const flags = [...onGpu, '--batch-size', '2', '--trainer', trainer];
    const trained = await millrace([
      ...['train', data, ...flags, '--image-size', '16', '--epochs', '1', '--workspace', workspace, '--json'],
    ]);
    expect(trained).toMatchObject({ code: 0, isAlone: true });
    const [run, step, ...rest] = trained.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(run['run.gpu']).toEqual(adapter);
    expect(step).toMatchObject({ 'train.loss': 0 });
    expect(rest.find((record) => 'val.top1' in record)).toMatchObject({ 'val.top1': 1 });

    const checkpoint = join(workspace, 'checkpoint.safetensors');
    const evaluated = await millrace(['evaluate', checkpoint, data, ...flags, '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ top1: 1, images: 2 });
    expect(lines(evaluated.stderr)[0]).toBe(firstLine);
  });

  itOnGpu(
    'trains on the CPU on the same batches as with the cpu backend, and on the GPU where they are',
    async () => {
      const data = await photoFolder(4);
      const common = ['--batch-size', '4', '--workers', '1', '--image-size', '32', '--epochs', '1', '--json'];
      const losses = async (...flags: string[]) => {
        const finished = await millrace(['train', data, ...common, '--workspace', folderOf(), ...flags]);
        expect(finished).toMatchObject({ code: 0, isAlone: true });
        const records = finished.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        return records.flatMap((record): number[] => ('step' in record ? [record['train.loss']] : []));
      };
      const expected = await losses('--data-backend', 'cpu', '--device', 'cpu');
      expect(expected).toHaveLength(2);
      expect(await losses(...onGpu, '--device', 'cpu')).toEqual(expected);
      const onDevice = await losses(...onGpu, '--device', 'gpu');
      for (const [i, loss] of expected.entries()) expect(onDevice[i]).toBeCloseTo(loss, 2);
    },
  );

  itOnGpu('previews what the cpu backend previews, byte for byte', async () => {
    const data = imageFolder(await photoFolder(3));
    const recipe = {
      imageSize: 24,
      interpolation: 'bicubic',
      augmentation: 'autoaugment',
      policy: 'v0',
    } as const;
    const folder = folderOf();
    const adapters: string[] = [];
    const onAdapter = ({ name }: { name: string }) => adapters.push(name);
    const [onCpu, onGpu] = [join(folder, 'cpu.png'), join(folder, 'gpu.png')];
    const shown = { data, recipe, samples: 4, versions: 4, onGpu: onAdapter };
    await renderPreview({ ...shown, stream: { seed: 5, backend: 'cpu' }, out: onCpu });
    expect(adapters).toEqual([]);
    await renderPreview({ ...shown, stream: { seed: 5, backend: 'gpu', gpuAdapter: '0' }, out: onGpu });
    expect(adapters).toEqual([expect.stringContaining('llvmpipe')]);
    expect((await readFile(onGpu)).equals(await readFile(onCpu))).toBe(true);
  });

  itOnGpu('is examined by doctor, adapter by adapter, as --gpu-adapter counts them', async () => {
    const { stdout: text, stderr } = await millrace(['doctor']);
    // Dawn warns of limits that it lowers for itself, on every machine
    expect(stderr).not.toContain('Warning: max');
    expect(text).toMatch(
      /^ok {8}GPU adapter 0 {2}.*\(\w+, (hardware|software, runs on the CPU)\), (has|lacks) shader-f16/m,
    );
    expect(text).toMatch(/^ {25}mixed precision: /m);
    const device = adapter?.isSoftware ? 'the CPU (no hardware GPU; --device gpu takes' : adapter?.name;
    expect(text).toContain(`device auto    the trainer graph computes on ${device}`);
    expect(text).toMatch(/^ {25}limits: maxBufferSize \d+\.\d MiB, /m);
    const findings = JSON.parse((await millrace(['doctor', '--json'])).stdout);
    const adapters = findings.flatMap(({ adapter }: { adapter?: object }) => adapter ?? []);
    expect(adapters.map(({ index }: { index: number }) => index)).toEqual(
      adapters.map((_: object, i: number) => i),
    );
    expect(adapters).toContainEqual(
      expect.objectContaining({
        ...{ ...adapter, backend: expect.any(String), matrixUnits: expect.any(Array) },
        ...(await findAdapter())?.capabilities,
      }),
    );
  });
});

describeOnGpu('millrace doctor --self-test', () => {
  const best = adapter?.hasFloat16 ? 'half' : 'packed';

  itOnGpu('says how each adapter would compute', async () => {
    const { code, stdout, isAlone } = await millrace(['doctor', '--self-test']);
    expect({ code, isAlone }).toEqual({ code: 0, isAlone: true });
    expect(stdout).toMatch(/^ {25}self-test: precision float32: float32$/m);
    expect(stdout).toMatch(new RegExp(`^ {25}self-test: precision mixed: ${best}$`, 'm'));
  });

  itOnGpu('says so as JSON too, and only when asked', async () => {
    const findings = async (...flags: string[]) =>
      JSON.parse((await millrace(['doctor', '--json', ...flags])).stdout).flatMap(
        (finding: { adapter?: { name: string } }) =>
          finding.adapter?.name === adapter?.name ? finding.adapter : [],
      );
    expect(await findings('--self-test')).toContainEqual(
      expect.objectContaining({
        selfTest: [
          { precision: 'float32', tier: 'float32', refused: [] },
          { precision: 'mixed', tier: best, refused: [] },
        ],
      }),
    );
    expect((await findings())[0]).not.toHaveProperty('selfTest');
  });
});

/** A trainer that copies each batch on the device that it was given, and says whether it got the batch's own bytes. */
const borrowingTrainer = `
  let device;
  async function isHere(batch) {
    const { size } = batch.buffer;
    const own = device.createBuffer({ size, usage: 8 | 1 });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(batch.buffer, 0, own, 0, size);
    device.queue.submit([encoder.finish()]);
    await own.mapAsync(1);
    const copied = Buffer.from(own.getMappedRange().slice(0));
    const { buffer, byteOffset, byteLength } = await batch.read();
    own.destroy();
    return copied.equals(Buffer.from(buffer, byteOffset, byteLength));
  }
  export const trainer = {
    name: 'borrowing',
    async prepare(model, options) { device = options.device; },
    async trainStep(batch) { return { loss: (await isHere(batch)) ? 0 : 1 }; },
    async evaluateStep(batch) {
      const rows = batch.labels.length;
      return { lossSum: 0, top1: (await isHere(batch)) ? rows : 0, top5: rows, rows };
    },
    async state() { return { weights: { w: { shape: [1], data: Float32Array.of(1) } }, optimizer: {} }; },
    async load() {},
    async close() {},
  };
`;
