import { expect, it } from 'vitest';
import { tfjsBackendFor } from '../../../src/trainers/trainer-for.ts';

const hardware = { isSoftware: false };
const software = { isSoftware: true };

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
