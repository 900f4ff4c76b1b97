import { expect, it } from 'vitest';
import { type FoundAdapter, findAdapter } from '../../backends/gpu/device/adapter.ts';
import { Gpu } from '../../backends/gpu/device/device.ts';
import type { PrepareOptions } from '../../src/core/trainer.ts';
import { createTrainer, type GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { coded } from '../support/errors.ts';
import { describeOnGpu, itOnGpu, useOpenGpu } from '../support/gpu.ts';
import { mixed, useTrainers } from '../support/graph-devices.ts';
import { trainable } from '../support/graph-training.ts';
import { makeBatch } from '../support/trainers.ts';
import { model, parts, preparation, step } from '../support/webgpu-trainers.ts';

useOpenGpu();
const open = useTrainers();
const prepare = (options?: Partial<PrepareOptions>): Promise<GraphTrainer> => open(model, options);
const batch = makeBatch(parts);

describeOnGpu('what the graph trainer refuses when it is prepared for a GPU', () => {
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

itOnGpu(
  'an image with a value that is no number costs mixed precision an update, and weights and memory nothing',
  async () => {
    const images = parts.images.map((value, i) => (i === 777 ? Number.NaN : value));
    const bad = makeBatch({ ...parts, images });
    const trainer = await prepare(mixed);
    await trainer.trainStep(batch, step);
    const before = await trainer.state();
    const { lossScale } = await trainer.trainStep(bad, { ...step, step: 1 });
    expect(lossScale).toEqual({ scale: 50, skipped: 1, isSkipped: true });
    const after = await trainer.state();
    expect(trainable(after.weights)).toEqual(trainable(before.weights));
    expect(after.optimizer).toEqual(before.optimizer);
  },
);

describeOnGpu('a graph trainer whose device is lost', () => {
  /** On a device of its own. */
  const alone = async (): Promise<{ gpu: Gpu; trainer: GraphTrainer }> => {
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
