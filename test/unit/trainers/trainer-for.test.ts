import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../../src/core/errors.ts';
import { withoutTrainersAdapter } from '../../../src/trainers/device.ts';
import { openTrainerFor, type TrainerChoice, tfjsBackendFor } from '../../../src/trainers/trainer-for.ts';

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

describe('the device', () => {
  it('is a hardware GPU, of which nothing is said', async () => {
    for (const device of ['auto', 'gpu'] as const)
      expect(await opened({ trainer: 'graph', device }, hardware)).toEqual({ name: 'graph', told: '' });
    expect(await opened({ trainer: 'graph' }, hardware)).toEqual({ name: 'graph', told: '' });
  });

  it('is a software adapter where a GPU is asked for, in mixed precision too', async () => {
    for (const precision of ['float32', 'mixed'] as const) {
      const choice = { trainer: 'graph', device: 'gpu', precision } as const;
      expect(await opened(choice, software)).toEqual({ name: 'graph', told: '' });
    }
  });

  it('is left to tfjs without hardware, aloud', async () => {
    const { name, told } = await opened({ trainer: 'graph', device: 'auto' }, software);
    expect(name).toBe('tfjs');
    expect(told).toBe(
      'device auto: no hardware GPU (only llvmpipe): the trainer tfjs takes the place of graph; ' +
        'device gpu (--device gpu) computes on the software adapter',
    );
  });

  it('is not left to tfjs in a precision that it has not', async () => {
    const { name, told } = await opened({ trainer: 'graph', precision: 'mixed' }, software);
    expect(name).toBe('UNSUPPORTED_PRECISION');
    expect(told).toContain('no hardware GPU (only llvmpipe): the trainer tfjs, which would take');
    expect(told).toContain('device gpu (--device gpu)');
  });

  it('is where the backend of tfjs means nothing, aloud, unless tfjs computes after all', async () => {
    const choice = { trainer: 'graph', trainerBackend: 'cpu' };
    const ignored = 'trainerBackend cpu (--tfjs-backend): ignored: the trainer is graph';
    expect(await opened(choice, hardware)).toEqual({ name: 'graph', told: ignored });
    const { name, told } = await opened(choice, software);
    expect({ name, isIgnored: told.includes('ignored') }).toEqual({ name: 'tfjs', isIgnored: false });
  });

  it('is no CPU yet', async () => {
    const { name, told } = await opened({ trainer: 'graph', device: 'cpu' }, hardware);
    expect(name).toBe('UNSUPPORTED_DEVICE');
    expect(told).toContain(
      'device cpu (--device): the trainer graph computes on GPUs alone; the CPU comes later',
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

it('keeps the adapter of a trainer from a stream that uses none', () => {
  const stream = { batchSize: 4, gpuAdapter: '1' };
  expect(withoutTrainersAdapter(stream, 'graph')).toEqual({ batchSize: 4 });
  expect(withoutTrainersAdapter({ ...stream, backend: 'dali-gpu' }, 'graph')).toMatchObject(stream);
  // refused where the stream is made
  expect(withoutTrainersAdapter(stream, 'tfjs')).toEqual(stream);
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
