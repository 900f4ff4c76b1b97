import { afterEach, expect, it } from 'vitest';
import { type FoundAdapter, findAdapter } from '../../backends/gpu/device/adapter.ts';
import { Gpu } from '../../backends/gpu/device/device.ts';
import type { Batch } from '../../src/core/batch.ts';
import type { PrepareOptions, TensorMap, Trainer } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { describeOnGpu, useOpenGpu } from '../support/gpu.ts';
import { makeBatch } from '../support/trainers.ts';
import { model, parts, preparation, step } from '../support/webgpu-trainers.ts';

useOpenGpu();
const opened: Trainer<EfficientNet>[] = [];
afterEach(async () => {
  for (const trainer of opened.splice(0)) await trainer.close();
});

const mixed = { precision: 'mixed', lossScaling: { initial: 128, growthInterval: 100 } } as const;
async function prepare(options: Partial<PrepareOptions> = {}): Promise<Trainer<EfficientNet>> {
  const trainer = createTrainer({ device: 'gpu' });
  opened.push(trainer);
  await trainer.prepare(model, { ...preparation, ...options });
  return trainer;
}
const batch = makeBatch(parts);
const trainable = (weights: TensorMap): TensorMap =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => !name.includes('running_')));
const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describeOnGpu('what the graph trainer refuses when it is prepared', () => {
  it.for(['tf32', 'bfloat16', undefined])('a precision that it has not: %s', async (precision) => {
    await expect(prepare({ precision: precision as 'tf32' })).rejects.toThrow(
      coded(
        'UNSUPPORTED_PRECISION',
        new RegExp(`^graph: precision must be float32 or mixed, got ${precision}$`),
      ),
    );
  });

  it('a model with channels that are no multiple of 4', async () => {
    const odd = { ...model, stem: { ...model.stem, outChannels: 6 } };
    await expect(createTrainer({ device: 'gpu' }).prepare(odd, preparation)).rejects.toThrow(
      coded('UNSUPPORTED_MODEL', /^graph: stem: channels must be a multiple of 4, got 6$/),
    );
  });

  it('an adapter that there is not', async () => {
    await expect(
      createTrainer({ device: 'gpu', gpuAdapter: 'no such' }).prepare(model, preparation),
    ).rejects.toThrow(coded('NO_ADAPTER', /no GPU adapter 'no such'; there are: 0 /));
  });

  it('an adapter without a limit that it needs', async () => {
    const gpu = await Gpu.openAlone(poorer((await findAdapter()) as FoundAdapter));
    await expect(prepare({ device: gpu.device })).rejects.toThrow(
      coded(
        'GPU_LIMIT',
        /is too small: maxStorageBuffersPerShaderStage of 10 is needed, it offers 8; maxCompute/,
      ),
    );
    // the device is its owner's still
    gpu.check();
    gpu.close();
  });

  it('a device of somebody else', async () => {
    await expect(prepare({ device: {} as GPUDevice })).rejects.toThrow(
      coded('FOREIGN_DEVICE', /not one that/),
    );
  });
});

/** An adapter that offers no more than every adapter has. */
function poorer(found: FoundAdapter): FoundAdapter {
  const least = { maxStorageBuffersPerShaderStage: 8, maxComputeWorkgroupStorageSize: 16_384 };
  const limits = new Proxy(found.adapter.limits, {
    get: (all, name) => least[name as keyof typeof least] ?? all[name as keyof GPUSupportedLimits],
  });
  const adapter = new Proxy(found.adapter, {
    get(all, name) {
      if (name === 'limits') return limits;
      const value = all[name as keyof GPUAdapter] as unknown;
      return typeof value === 'function' ? value.bind(all) : value;
    },
  });
  return { ...found, adapter };
}

describeOnGpu('a batch that the graph trainer cannot take', () => {
  /** That the trainer refuses it and goes on as if it had not been asked. */
  const expectRefused = async (options: Partial<PrepareOptions>, bad: Batch, error: unknown) => {
    const trainer = await prepare(options);
    await trainer.trainStep(batch, { ...step, apply: false });
    const before = await trainer.state();
    await expect(trainer.trainStep(bad, step)).rejects.toThrow(error as Error);
    expect(await trainer.state()).toEqual(before);
    const after = await trainer.trainStep(batch, { ...step, step: 1 });
    const other = await prepare(options);
    await other.load(before);
    expect(await other.trainStep(batch, { ...step, step: 1 })).toEqual(after);
  };

  it('is one with more rows than fit, and it says how many do', async () => {
    const rows = 40_000;
    const large = makeBatch({
      images: new Float32Array(0),
      shape: [rows, 16, 16, 3],
      labels: new Int32Array(rows),
    });
    const error = coded(
      'OUT_OF_MEMORY',
      /^graph: no GPU memory for a batch of 40000 images of 16 x 16 .*; a batch of \d+ needs /,
    );
    await expectRefused(mixed, large, error);
  });

  it('is one with a label out of range, of its own or of a partner', async () => {
    const labels = Int32Array.of(0, 1, 3, 0);
    const error = coded('LABEL_RANGE', /^row 2: label must be 0..2, got 3$/);
    await expectRefused({}, makeBatch({ ...parts, labels }), error);
    const trainer = await prepare();
    const mixing = { lambda: 0.5, partnerLabels: labels };
    await expect(trainer.trainStep(makeBatch({ ...parts, mixing }), step)).rejects.toThrow(error);
    await expect(trainer.evaluateStep(makeBatch({ ...parts, labels }))).rejects.toThrow(error);
  });

  it.for([
    [
      'no rows',
      { images: new Float32Array(0), shape: [0, 16, 16, 3], labels: new Int32Array(0) },
      /RGB images/,
    ],
    ['four channels', { images: new Float32Array(4096), shape: [4, 16, 16, 4] }, /got the shape 4,16,16,4$/],
    ['too few labels', { labels: Int32Array.of(0, 1) }, /^expected 4 labels, one per row, got 2$/],
    ['too few images', { images: new Float32Array(768) }, /^expected images of 3072 values, got 768$/],
  ] as const)('is one with %s', async ([, wrong, message]) => {
    const bad = makeBatch({ ...parts, ...wrong });
    await expectRefused(mixed, bad, coded('BATCH_SHAPE', message));
    await expect((await prepare()).evaluateStep(bad)).rejects.toThrow(coded('BATCH_SHAPE', message));
  });

  it('is one whose images cannot be read', async () => {
    const lost = { ...batch, read: () => Promise.reject(new Error('the disk is gone')) };
    await expectRefused({}, lost, coded('GRAPH_FAILED', /^graph: trainStep: the disk is gone$/));
  });
});

describeOnGpu('images with a value that is no number', () => {
  const images = parts.images.map((value, i) => (i === 777 ? Number.NaN : value));
  const bad = makeBatch({ ...parts, images });

  it.for([{}, mixed])(
    'make the loss none, and a state that was saved before goes on: %o',
    async (options) => {
      const trainer = await prepare(options);
      await trainer.trainStep(batch, step);
      const before = await trainer.state();
      const next = { ...step, step: 1, losses: true };
      const expected = await trainer.trainStep(batch, next);
      await trainer.load(before);
      const { loss, losses } = await trainer.trainStep(bad, next);
      expect(loss).toBeNaN();
      expect([...(losses as Float32Array)].every(Number.isFinite)).toBe(false);
      await trainer.load(before);
      expect(await trainer.trainStep(batch, next)).toEqual(expected);
    },
  );

  it('cost mixed precision an update, and weights and memory nothing', async () => {
    const trainer = await prepare(mixed);
    await trainer.trainStep(batch, step);
    const before = await trainer.state();
    const { lossScale } = await trainer.trainStep(bad, { ...step, step: 1 });
    expect(lossScale).toEqual({ scale: 64, skipped: 1, isSkipped: true });
    const after = await trainer.state();
    expect(trainable(after.weights)).toEqual(trainable(before.weights));
    expect(after.optimizer).toEqual(before.optimizer);
  });

  it('have no best guess', async () => {
    const trainer = await prepare();
    const { lossSum, top1, rows } = await trainer.evaluateStep(bad);
    expect(lossSum).toBeNaN();
    expect(rows).toBe(4);
    expect(top1).toBeLessThan(4);
  });
});

describeOnGpu('a graph trainer whose device is lost', () => {
  /** On a device of its own. */
  const alone = async (): Promise<{ gpu: Gpu; trainer: Trainer<EfficientNet> }> => {
    const gpu = await Gpu.openAlone((await findAdapter()) as FoundAdapter);
    return { gpu, trainer: await prepare({ device: gpu.device }) };
  };
  const lost = coded('DEVICE_LOST', /^the GPU device .* is lost/);

  it('while shaders are compiled rejects, and so does all that comes after', async () => {
    const { gpu, trainer } = await alone();
    const stepping = trainer.trainStep(batch, step);
    const waiting = trainer.state();
    gpu.device.destroy();
    await expect(stepping).rejects.toThrow(lost);
    await expect(waiting).rejects.toThrow(lost);
    await expect(trainer.evaluateStep(batch)).rejects.toThrow(lost);
    await trainer.close();
    await expect(trainer.state()).rejects.toThrow(coded('NOT_PREPARED', /after close/));
    gpu.close();
  });

  it('while a step computes rejects, and another device goes on from the state before', async () => {
    const { gpu, trainer } = await alone();
    await trainer.trainStep(batch, step);
    const before = await trainer.state();
    const next = { ...step, step: 1 };
    const stepping = trainer.trainStep(batch, next);
    // once it has been submitted
    await new Promise((resolve) => setImmediate(resolve));
    gpu.device.destroy();
    await expect(stepping).rejects.toThrow(lost);
    gpu.close();
    await trainer.prepare(model, preparation);
    await trainer.load(before);
    const { loss } = await trainer.trainStep(batch, next);
    expect(loss).toBeGreaterThan(0);
  });
});
