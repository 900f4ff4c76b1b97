import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../../src/trainers/checkpoint.ts';
import { CheckpointFiles } from '../../../src/training/checkpoint-files.ts';
import { folderOf } from '../../support/folders.ts';

const checkpoint = (value: number) => ({
  state: { weights: { w: { shape: [1], data: Float32Array.of(value) } }, optimizer: {} },
  metadata: {},
});
const valueIn = async (folder: string, name: string) =>
  (await loadCheckpoint(join(folder, `${name}.safetensors`))).state.weights['w']?.data[0];

describe('the checkpoints of a training', () => {
  it('are the last, the best, and those of the latest epochs', async () => {
    const folder = folderOf();
    const files = new CheckpointFiles({ folder, filename: 'checkpoint.safetensors', keep: 2 });
    for (let epoch = 0; epoch < 12; epoch++)
      await files.save(checkpoint(epoch), { epoch, isBest: epoch === 3 });
    await files.save(checkpoint(99), { isBest: false });
    expect(readdirSync(folder).sort()).toEqual([
      'checkpoint-epoch-10.safetensors',
      'checkpoint-epoch-11.safetensors',
      'checkpoint.safetensors',
      'model_best.safetensors',
    ]);
    expect(files.last).toBe(join(folder, 'checkpoint.safetensors'));
    expect(await valueIn(folder, 'checkpoint')).toBe(99);
    expect(await valueIn(folder, 'model_best')).toBe(3);
    expect(await valueIn(folder, 'checkpoint-epoch-11')).toBe(11);
  });

  it('stay where they are of epochs to come again, and of other runs', async () => {
    const folder = folderOf({ 'last-epoch-9.safetensors': '', 'last-epoch-x.safetensors': '', other: '' });
    const files = new CheckpointFiles({ folder, filename: 'last.safetensors', keep: 1 });
    for (const epoch of [4, 5]) await files.save(checkpoint(epoch), { epoch, isBest: false });
    expect(readdirSync(folder).sort()).toEqual([
      'last-epoch-5.safetensors',
      'last-epoch-9.safetensors',
      'last-epoch-x.safetensors',
      'last.safetensors',
      'other',
    ]);
  });

  it('are rid of what a killed run left half-written, and of nothing else', async () => {
    const remains = ['a.safetensors.12.tmp', 'a-epoch-3.safetensors.12.tmp', 'model_best.safetensors.12.tmp'];
    const others = ['a.safetensors', 'notes.12.tmp', 'a.safetensors.tmp'];
    const folder = folderOf(Object.fromEntries([...remains, ...others].map((name) => [name, name])));
    await new CheckpointFiles({ folder, filename: 'a.safetensors', keep: 1 }).removeRemains();
    expect(readdirSync(folder).sort()).toEqual(others.sort());
    expect(readFileSync(join(folder, 'a.safetensors'), 'utf8')).toBe('a.safetensors');
  });
});
