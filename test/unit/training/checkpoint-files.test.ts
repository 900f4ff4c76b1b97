import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
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

/** Saves an epoch at a time, the second as the best, to a disk with room for three checkpoints; tells what is there. */
const onSmallDisk = `
  const [module, folder] = process.argv.slice(1);
  const { CheckpointFiles } = await import(module);
  const { readdirSync } = await import('node:fs');
  const removed = [];
  const files = new CheckpointFiles({
    folder, filename: 'last.safetensors', keep: 9, onRemoved: (path) => removed.push(path),
  });
  const data = new Float32Array(25_000);
  const state = { weights: { w: { shape: [data.length], data } }, optimizer: {} };
  for (let epoch = 0; epoch < 5; epoch++)
    await files.save({ state, metadata: {} }, { epoch, isBest: epoch === 1 });
  console.log(JSON.stringify({ removed, names: readdirSync(folder).sort() }));
`;

/** Runs a command where mounts are its own, and need no rights. */
const ownMounts = 'unshare';

/** Runs it where the folder is a disk of 350 KB; undefined where this machine makes none. */
function runOnSmallDisk(folder: string): { removed: string[]; names: string[] } | undefined {
  const module = new URL('../../../src/training/checkpoint-files.js', import.meta.url).href;
  const mount = 'mount -t tmpfs -o size=350k none "$0" || exit 77; exec "$@"';
  const command = [process.execPath, '--input-type=module', '-e', onSmallDisk, module, folder];
  const { status, stdout, stderr } = spawnSync(ownMounts, ['-rm', 'sh', '-c', mount, folder, ...command], {
    encoding: 'utf8',
  });
  if (status === null || status === 77 || stderr.startsWith('unshare:')) return undefined;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('the checkpoints of a training', () => {
  it('of the oldest epochs go where the disk is full, but not the last and the best', ({ skip }) => {
    const folder = folderOf();
    const left = runOnSmallDisk(folder);
    if (left === undefined) return skip('this machine mounts no disk for a test');
    // epoch 1 is the best: to remove its name would free nothing
    expect(left.removed).toEqual([0, 2].map((epoch) => join(folder, `last-epoch-${epoch}.safetensors`)));
    expect(left.names).toEqual([
      ...[1, 3, 4].map((epoch) => `last-epoch-${epoch}.safetensors`),
      ...['last.safetensors', 'model_best.safetensors'],
    ]);
  });

  it.runIf(existsSync('/dev/full'))(
    'all but the last and the best are gone before a full disk is an error',
    async () => {
      const old = ['last-epoch-3.safetensors', 'last-epoch-12.safetensors'];
      const folder = folderOf(
        Object.fromEntries([...old, 'model_best.safetensors'].map((name) => [name, name])),
      );
      const removed: string[] = [];
      const onRemoved = (path: string) => void removed.push(path);
      const files = new CheckpointFiles({ folder, filename: 'last.safetensors', keep: 5, onRemoved });
      symlinkSync('/dev/full', files.last);
      await expect(files.save(checkpoint(1), { isBest: false })).rejects.toThrow('ENOSPC');
      expect(removed).toEqual(old.map((name) => join(folder, name)));
      expect(readdirSync(folder).sort()).toEqual(['last.safetensors', 'model_best.safetensors']);
    },
  );

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
