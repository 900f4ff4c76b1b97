import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../../src/core/errors.ts';
import type { Precision } from '../../../src/core/trainer.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { chooseDevice, type Device, withoutTrainersAdapter } from '../../../src/trainers/device.ts';
import type { CpuGraphDevice } from '../../../src/trainers/graph/devices/cpu-device.ts';
import type { GraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { openTrainer } from '../../../src/trainers/open-trainer.ts';
import { openTrainerFor, type TrainerChoice, tfjsBackendFor } from '../../../src/trainers/trainer-for.ts';
import { trainDefaults } from '../../../src/training/complete-options.ts';
import { folderOf } from '../../support/folders.ts';

const hardware = { name: 'Arc', isSoftware: false };
const software = { name: 'llvmpipe', isSoftware: true };

it('trains where a hardware GPU makes the batches', () => {
  expect(tfjsBackendFor(undefined, hardware)).toBe('webgpu');
});

it('trains by wasm on batches of the cpu, or of a GPU driver that runs on it', () => {
  expect(tfjsBackendFor(undefined, undefined)).toBe('wasm');
  expect(tfjsBackendFor(undefined, software)).toBe('wasm');
});

it('takes the backend that is asked for', () => {
  for (const asked of ['cpu', 'wasm', 'webgpu'])
    for (const adapter of [undefined, hardware, software]) expect(tfjsBackendFor(asked, adapter)).toBe(asked);
});

/** The name of the trainer, or the code of the error, and what was told. */
async function opened(choice: TrainerChoice, adapter: typeof hardware) {
  const told: string[] = [];
  const surroundings = { adapter, tell: (message: string) => told.push(message) };
  const name = await openTrainerFor(choice, surroundings).then(
    (trainer) => trainer.name,
    (error: unknown) => {
      expect(error).toBeInstanceOf(ParameterError);
      told.push((error as ParameterError).message);
      return (error as ParameterError).code;
    },
  );
  return { name, told: told.join('\n') };
}

it('is graph where no trainer is asked for', async () => {
  expect(await opened({}, hardware)).toEqual({ name: 'graph', told: '' });
});

describe('the device', () => {
  /** The device, or the code of the error, and what was told. */
  async function chosen(device: Device, adapter: typeof hardware, precision: Precision = 'float32') {
    const told: string[] = [];
    const surroundings = { adapter, tell: (message: string) => told.push(message) };
    const choice = await chooseDevice(device, 'graph', precision, surroundings).catch((error: unknown) => {
      told.push((error as ParameterError).message);
      return (error as ParameterError).code;
    });
    return { choice, told: told.join('\n') };
  }

  it('is a hardware GPU, of which nothing is said', async () => {
    for (const device of ['auto', 'gpu'] as const)
      for (const precision of ['float32', 'mixed'] as const)
        expect(await chosen(device, hardware, precision)).toEqual({ choice: 'gpu', told: '' });
  });

  it('is a software adapter where a GPU is asked for, in mixed precision too', async () => {
    for (const precision of ['float32', 'mixed'] as const)
      expect(await chosen('gpu', software, precision)).toEqual({ choice: 'gpu', told: '' });
  });

  it('is the CPU where it is asked for, of which nothing is said', async () => {
    for (const adapter of [hardware, software])
      expect(await chosen('cpu', adapter)).toEqual({ choice: 'cpu', told: '' });
  });

  it('is the CPU without hardware, aloud where a software adapter would compute', async () => {
    expect(await chosen('auto', software)).toEqual({
      choice: 'cpu',
      told:
        'device auto: no hardware GPU (only llvmpipe): the trainer graph computes on the CPU; ' +
        'device gpu (--device gpu) computes on the software adapter',
    });
  });

  it('is refused as the CPU in mixed precision, with what to do instead', async () => {
    const refused = (reason: string, instead: string) => ({
      choice: 'UNSUPPORTED_PRECISION',
      told: `precision mixed (--amp): ${reason}, and the CPU computes in float32 alone: leave --amp out (--precision float32 where a run is resumed), or ${instead}`,
    });
    expect(await chosen('auto', software, 'mixed')).toEqual(
      refused('no hardware GPU was found (only llvmpipe)', 'compute on the software adapter (--device gpu)'),
    );
    expect(await chosen('cpu', hardware, 'mixed')).toEqual(
      refused('device cpu (--device) was asked for', 'compute on a GPU (--device gpu)'),
    );
  });

  it('is chosen for no other trainer', async () => {
    const { name, told } = await opened({ trainer: 'tfjs', device: 'gpu' }, hardware);
    expect(name).toBe('UNSUPPORTED_DEVICE');
    expect(told).toContain(
      'the trainer tfjs takes no device, graph does: leave it at auto; trainerBackend (--tfjs-backend)',
    );
    expect((await opened({ trainer: 'none', device: 'cpu' }, hardware)).name).toBe('UNSUPPORTED_DEVICE');
    expect((await opened({ trainer: 'none', device: 'auto' }, hardware)).name).toBe('none');
  });
});

describe('a choice that means nothing to the trainer', () => {
  const told = async (choice: TrainerChoice, adapter = hardware) => (await opened(choice, adapter)).told;

  it('is told as ignored where it is the backend of tfjs', async () => {
    const ignored = (name: string) => `trainerBackend cpu (--tfjs-backend): ignored: the trainer is ${name}`;
    expect(await told({ trainerBackend: 'cpu' })).toBe(ignored('graph'));
    expect(await told({ trainer: 'none', trainerBackend: 'cpu' })).toBe(ignored('none'));
    expect(await told({ trainer: 'tfjs', trainerBackend: 'cpu' })).toBe('');
  });

  it('is told as ignored where it is threads of the CPU, and nothing computes there', async () => {
    const ignored = (reason: string) => `threads 2 (--threads): ignored: ${reason}`;
    expect(await told({ threads: 2 })).toBe(ignored('the trainer graph computes on a GPU'));
    expect(await told({ trainer: 'tfjs', threads: 2 })).toBe(ignored('the trainer is tfjs'));
    expect(await told({ device: 'cpu', threads: 2 })).toBe('');
    const trainer = await openTrainer('none');
    expect(await told({ trainer, threads: 2 })).toBe(ignored('the trainer is none'));
  });
});

it("hands threads to a trainer of the user's, which may have some", async () => {
  const source = `export const createTrainer = async ({ threads }) => ({ name: String(threads), async prepare() {},
    async trainStep() {}, async evaluateStep() {}, async state() {}, async load() {}, async close() {} });`;
  const trainer = join(folderOf({ 'mine.mjs': source }), 'mine.mjs');
  expect(await opened({ trainer, threads: 3 }, hardware)).toEqual({ name: '3', told: '' });
});

it('has a thread for each core that there is for the process, unless others are asked for', async () => {
  const threadsOf = async (choice: TrainerChoice, cores?: number) => {
    const trainer = await openTrainerFor({ device: 'cpu', ...choice }, { cores, tell: () => {} });
    const settings = { ...trainDefaults.optimizer };
    try {
      await trainer.prepare(efficientNet({ classes: 2 }), { precision: 'float32', seed: 0, settings });
      const { device } = (trainer as unknown as GraphTrainer).session;
      return (device as CpuGraphDevice).executor.threads;
    } finally {
      await trainer.close();
    }
  };
  expect(await threadsOf({}, 1)).toBe(1);
  expect(await threadsOf({}, 3)).toBe(3);
  expect(await threadsOf({ threads: 2 }, 1)).toBe(2);
  expect(await threadsOf({})).toBe(Math.min(availableParallelism(), 16));
});

it('keeps the adapter of a trainer from a stream that uses none', () => {
  const stream = { batchSize: 4, gpuAdapter: '1' };
  for (const choice of [{}, { trainer: 'graph' }, { device: 'gpu' }] as const) {
    expect(withoutTrainersAdapter(stream, choice)).toEqual({ batchSize: 4 });
    expect(withoutTrainersAdapter({ ...stream, backend: 'dali-gpu' }, choice)).toMatchObject(stream);
  }
  // refused where the stream is made
  expect(withoutTrainersAdapter(stream, { trainer: 'tfjs' })).toEqual(stream);
  expect(withoutTrainersAdapter(stream, { device: 'cpu' })).toEqual(stream);
});

describe('a precision', () => {
  it('that the trainer lacks is refused, and those that have it are named', async () => {
    const { name, told } = await opened({ trainer: 'tfjs', precision: 'mixed' }, hardware);
    expect(name).toBe('UNSUPPORTED_PRECISION');
    expect(told).toBe(
      'precision mixed (--amp): the trainer tfjs cannot; trainers that can (--trainer): graph; ' +
        'precision float32 (--precision) is for all',
    );
  });

  it('that no type of WebGPU has is refused with that reason', async () => {
    for (const adapter of [hardware, software])
      for (const device of ['auto', 'gpu'] as const) {
        const { told } = await opened({ trainer: 'graph', device, precision: 'tf32' }, adapter);
        expect(told).toContain('precision tf32 (--tf32): the trainer graph cannot, nor can any on WebGPU');
        expect(told).toContain('f32, f16, u32, i32, u8 or i8');
      }
  });
});
