import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError } from '../../../src/core/errors.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/trainers/checkpoint.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/trainers/safetensors.ts';

const tensor = (shape: number[], ...data: number[]) => ({ shape, data: Float32Array.from(data) });

const tensorArbitrary = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
  const length = shape.reduce((product, n) => product * n, 1);
  const values = fc.float32Array({ minLength: length, maxLength: length });
  return values.map((data) => ({ shape, data }));
});
const nameArbitrary = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((name) => name !== '__metadata__' && name !== '__proto__');

/** A file with this header and so many bytes of tensors. */
function fileOf(header: unknown, bytes = 0): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const file = Buffer.alloc(8 + json.length + bytes);
  file.writeBigUInt64LE(BigInt(json.length));
  json.copy(file, 8);
  return file;
}

describe('safetensors', () => {
  it('gives back what was written', () => {
    const tensors = fc.dictionary(nameArbitrary, tensorArbitrary, { noNullPrototype: true });
    const metadata = fc.dictionary(nameArbitrary, fc.string(), { noNullPrototype: true });
    fc.assert(
      fc.property(tensors, metadata, (tensors, metadata) => {
        expect(decodeSafetensors(encodeSafetensors({ tensors, metadata }), 'file')).toEqual({
          tensors,
          metadata,
        });
      }),
    );
  });

  it('writes the bytes that the format prescribes', () => {
    const file = encodeSafetensors({ tensors: { a: tensor([2], 1, -2) }, metadata: { epoch: '3' } });
    const header = '{"__metadata__":{"epoch":"3"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(Buffer.from(file.subarray(0, 8)).readBigUInt64LE()).toBe(BigInt(padded.length));
    expect(Buffer.from(file.subarray(8, 8 + padded.length)).toString()).toBe(padded);
    expect(Buffer.from(file.subarray(8 + padded.length)).toString('hex')).toBe('0000803f000000c0');
  });

  it('refuses tensors that share their bytes', () => {
    const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    expect(Object.keys(decodeSafetensors(fileOf({ a: entry }, 8), 'file').tensors)).toEqual(['a']);
    expect(() => decodeSafetensors(fileOf({ a: entry, b: entry }, 8), 'file')).toThrow(
      /tensor b: has bytes that are another tensor's too/,
    );
  });

  it('passes over what is not wanted, whatever its number type', () => {
    const tensors = { count: { shape: [], data: BigInt64Array.of(7n) }, a: tensor([1], 3) };
    const file = encodeSafetensors({ tensors, metadata: {} });
    expect(() => decodeSafetensors(file, 'file')).toThrow(/count: expected dtype F32, F16 or BF16, got I64/);
    const { tensors: read } = decodeSafetensors(file, 'file', (name) => name !== 'count');
    expect(read).toEqual({ a: tensor([1], 3) });
  });

  it.each<[string, readonly number[]]>([
    // 1, -2, the largest, the smallest subnormal, -0, infinity
    ['F16', [0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00]],
    ['BF16', [0x3f80, 0xc000, 0x477f, 0x0001, 0x8000, 0x7f80]],
  ])('widens %s without a change', (dtype, bits) => {
    const halves = Uint8Array.from(bits.flatMap((one) => [one & 255, one >> 8]));
    const file = fileOf({ a: { dtype, shape: [6], data_offsets: [0, 12] } }, 12);
    file.set(halves, file.length - 12);
    const expected = {
      F16: [1, -2, 65_504, 2 ** -24, -0, Number.POSITIVE_INFINITY],
      BF16: [1, -2, 65_280, 2 ** -133, -0, Number.POSITIVE_INFINITY],
    }[dtype] as number[];
    expect(decodeSafetensors(file, 'file').tensors).toEqual({ a: tensor([6], ...expected) });
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /at least 8 bytes, got 0/],
    ['a header longer than the file', fileOf('{}').subarray(0, 9), /header of 2 bytes .* has 9/],
    ['a header that is not JSON', fileOf('{"a":'), /header is not JSON/],
    ['a header that is a list', fileOf([]), /not a JSON object/],
    [
      'another number type',
      fileOf({ a: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, 8),
      /a: expected dtype F32, F16 or BF16, got F64/,
    ],
    [
      'halves of which one is missing',
      fileOf({ a: { dtype: 'F16', shape: [2], data_offsets: [0, 2] } }, 2),
      /a: shape \[2\] takes 4 bytes, got 2/,
    ],
    [
      'an entry without offsets',
      fileOf({ a: { dtype: 'F32', shape: [1] } }, 4),
      /a: expected dtype, shape and/,
    ],
    [
      'offsets that contradict the shape',
      fileOf({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 4),
      /a: shape \[2\] takes 8 bytes, got 4/,
    ],
    [
      'tensors that are cut off',
      fileOf({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 4),
      /ends at byte 8 of 4/,
    ],
    [
      'a negative offset',
      fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [-4, 0] } }, 4),
      /a: expected dtype/,
    ],
    ['metadata that are not strings', fileOf({ __metadata__: { epoch: 3 } }), /must map strings/],
  ])('names the file and what is wrong in %s', (_, file, message) => {
    const decode = () => decodeSafetensors(file, 'weights.safetensors');
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(/^weights\.safetensors: /);
    expect(decode).toThrow(message);
  });
});

describe('checkpoint', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-checkpoint-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const state = {
    weights: { 'stem.conv.weight': tensor([1, 2], 0.5, -0.25) },
    optimizer: { 'momentum_buffer.stem.conv.weight': tensor([1, 2], 3, 4) },
    average: { 'stem.conv.weight': tensor([1, 2], 5, 6) },
    gradients: { 'stem.conv.weight': tensor([1, 2], 7, 8) },
  };

  it('gives back state and metadata', async () => {
    const path = join(folder, 'round-trip.safetensors');
    await saveCheckpoint(path, { state, metadata: { epoch: '7' } });
    expect(await loadCheckpoint(path)).toEqual({ state, metadata: { epoch: '7' } });
    const { tensors } = decodeSafetensors(await readFile(path), path);
    expect(Object.keys(tensors)).toEqual([
      'stem.conv.weight',
      'optimizer.momentum_buffer.stem.conv.weight',
      'ema.stem.conv.weight',
      'gradient.stem.conv.weight',
    ]);
  });

  it('keeps the loss scale, and whatever parts a trainer has', async () => {
    const path = join(folder, 'parts.safetensors');
    const lossScale = { scale: tensor([1], 64), _growth_tracker: tensor([1], 7) };
    const ranges = { 'stem.conv': tensor([2], -1, 2) };
    const open = { ...state, lossScale, ranges };
    await saveCheckpoint(path, { state: open, metadata: { epoch: '7' } });
    expect(await loadCheckpoint(path)).toEqual({ state: open, metadata: { epoch: '7' } });
    const { tensors, metadata } = decodeSafetensors(await readFile(path), path);
    const names = ['loss_scale.scale', 'loss_scale._growth_tracker', 'ranges.stem.conv'];
    expect(Object.keys(tensors)).toEqual(expect.arrayContaining(names));
    expect(metadata).toEqual({ epoch: '7', parts: 'ranges' });
  });

  it('takes a tensor for a weight unless a part of its name is said to be there', async () => {
    const path = join(folder, 'ranges.safetensors');
    const weights = { 'ranges.weight': tensor([1], 5) };
    await saveCheckpoint(path, { state: { weights, optimizer: {} }, metadata: {} });
    expect((await loadCheckpoint(path)).state).toEqual({ weights, optimizer: {} });
  });

  it('gives back no average and no gradients where there were none', async () => {
    const path = join(folder, 'weights.safetensors');
    const plain = { weights: state.weights, optimizer: {} };
    await saveCheckpoint(path, { state: plain, metadata: {} });
    expect((await loadCheckpoint(path)).state).toEqual(plain);
  });

  it("writes PyTorch's counters of batches, which begin at multiples of 8 bytes, and reads past them", async () => {
    const path = join(folder, 'counters.safetensors');
    const weights = { 'stem.conv.weight': tensor([1], 1), 'stem.bn.running_mean': tensor([1], 2) };
    await saveCheckpoint(path, { state: { weights, optimizer: {} }, metadata: {} });
    const file = await readFile(path, 'latin1');
    expect(file).toContain('{"stem.bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},');
    expect((await loadCheckpoint(path)).state.weights).toEqual(weights);
  });

  it.each(['module.', '_orig_mod.', 'module._orig_mod.'])(
    'reads names that PyTorch put %s before',
    async (before) => {
      const path = join(folder, 'wrapped.safetensors');
      const tensors = { [`${before}stem.bn.weight`]: tensor([1], 5) };
      await writeFile(path, encodeSafetensors({ tensors, metadata: {} }));
      expect((await loadCheckpoint(path)).state.weights).toEqual({ 'stem.bn.weight': tensor([1], 5) });
    },
  );

  it('leaves one whole file under the name, and no other', async () => {
    const path = join(folder, 'alone', '..', 'replaced.safetensors');
    await saveCheckpoint(path, { state, metadata: { epoch: '1' } });
    await saveCheckpoint(path, { state, metadata: { epoch: '2' } });
    expect((await loadCheckpoint(path)).metadata).toEqual({ epoch: '2' });
    expect((await readdir(folder)).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('says which file cannot be read or written', async () => {
    const missing = join(folder, 'missing', 'file.safetensors');
    await expect(loadCheckpoint(missing)).rejects.toThrow(/file\.safetensors: the checkpoint cannot be read/);
    await expect(saveCheckpoint(missing, { state, metadata: {} })).rejects.toThrow(/cannot be written/);
    const damaged = join(folder, 'damaged.safetensors');
    await writeFile(damaged, 'damaged');
    await expect(loadCheckpoint(damaged)).rejects.toThrow(/damaged\.safetensors: not a readable safetensors/);
  });
});
