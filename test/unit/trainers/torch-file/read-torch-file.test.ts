import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.ts';
import type { TensorMap } from '../../../../src/core/trainer.ts';
import { decodeSafetensors } from '../../../../src/trainers/safetensors.ts';
import { readTorchFile, refuseLegacy } from '../../../../src/trainers/torch-file/read-torch-file.ts';
import { changed, torchFileOf, torchGolden, zipOf } from '../../../support/torch-files.ts';

const read = (name: string) => readTorchFile(torchGolden(name), name);

const { tensors: expected } = decodeSafetensors(
  readFileSync('test/golden/torch/state-dict.safetensors'),
  'state-dict.safetensors',
);

/** Names, shapes and the bits of the numbers. */
const bitsOf = (tensors: TensorMap) =>
  Object.entries(tensors)
    .map(([name, { shape, data }]) => ({
      name,
      shape,
      bits: [...new Uint32Array(data.buffer, data.byteOffset, data.length)],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

describe('a file of torch.save', () => {
  it.each(['state-dict.pth', 'protocol-4.pth'])(
    'has the tensors of %s, bit by bit: halves, doubles, parameters, views, channels_last',
    (name) => {
      const { weights, average, place } = read(name);
      expect(bitsOf(weights)).toEqual(bitsOf(expected));
      expect({ average, place }).toEqual({ average: undefined, place: undefined });
    },
  );

  it('of a whole training has weights and their average, and says where they were', () => {
    const { weights, average, place } = read('nested.pth');
    const named = (factor: number) =>
      Object.fromEntries(
        Object.entries(expected).map(([name, { shape, data }]) => [
          `module.${name}`,
          { shape, data: data.map((value) => value * factor) },
        ]),
      );
    expect(place).toBe('state_dict');
    expect(bitsOf(weights)).toEqual(bitsOf(named(1)));
    expect(bitsOf(average ?? {})).toEqual(bitsOf(named(2)));
  });

  it.each<[string, string]>([
    ['evil-system.pth', 'posix.system'],
    ['evil-nested.pth', 'builtins.eval'],
    ['whole-model.pth', 'torch.nn.modules.linear.Linear'],
  ])('that is more than tensors, as %s, is refused by the name that it asks for: %s', (file, name) => {
    const message = `${file}: asks for ${name}, and only tensors are read, nothing is run: save the tensors alone: torch.save(model.state_dict(), "weights.pth")`;
    expect(() => read(file)).toThrow(expect.objectContaining({ code: 'REFUSED_TORCH_FILE', message }));
  });

  it('of before PyTorch 1.6 is refused with the line of Python that converts it', () => {
    const refuse = () => refuseLegacy(torchGolden('legacy.pth'), 'old.pth');
    const line = 'import torch; torch.save(torch.load("old.pth", map_location="cpu"), "weights.pth")';
    const message = `old.pth: a file from before PyTorch 1.6: convert it in Python: ${line}`;
    expect(refuse).toThrow(expect.objectContaining({ code: 'LEGACY_TORCH_FILE', message }));
    expect(refuseLegacy(torchGolden('state-dict.safetensors'), 'x')).toBeUndefined();
    // a header of 640 bytes begins as a pickle does
    expect(refuseLegacy(Uint8Array.of(0x80, 2, 0, 0, 0, 0, 0, 0, 0x7b), 'x')).toBeUndefined();
  });
});

const text = (value: string) => Buffer.from(value, 'latin1');
/** A pickle of a tensor of float32 numbers, in a dictionary as `a`. */
function tensorProgram(offset: string, shape: string, strides: string, key = '0'): Buffer {
  const storage = `(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0${key}X\x03\0\0\0cpuK\x10tQ`;
  const tensor = `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${offset}(${shape}t(${strides}ttR`;
  return text(`}X\x01\0\0\0a${tensor}s.`);
}

describe('a damaged file of torch.save', () => {
  it('is read where it is as it should be', () => {
    const file = torchFileOf(tensorProgram('K\0', 'K\x02K\x08', 'K\x08K\x01'));
    expect(readTorchFile(file, 'x').weights['a']?.shape).toEqual([2, 8]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /no directory at its end: is it cut/],
    [
      'a file that is cut off',
      torchGolden('state-dict.pth').subarray(0, 4000),
      /no directory at its end: is it cut/,
    ],
    ['compressed entries', torchGolden('compressed.pth'), /data\.pkl is compressed/],
    ['a zip of something else', zipOf(new Map([['a.txt', text('a')]])), /a zip without data\.pkl/],
    [
      'a tensor without its data',
      torchFileOf(tensorProgram('K\0', 'K\x01', 'K\x01', '9')),
      /a: its data are not there/,
    ],
    [
      'a tensor beyond its data',
      torchFileOf(tensorProgram('K\x01', 'K\x10', 'K\x01')),
      /a: ends beyond its 64 bytes/,
    ],
    [
      'numbers that overlap',
      torchGolden('expanded.pth'),
      /expanded\.weight: its numbers overlap: save it with \.contiguous\(\)/,
    ],
    ['a size that is none', torchFileOf(tensorProgram('K\0', 'J\xff\xff\xff\xff', 'K\x01')), /are no sizes/],
    ['a program without an end', torchFileOf(text('}')), /data\.pkl: ends at byte 1/],
    ['a value from nowhere', torchFileOf(text('0.')), /instruction 48 at byte 0/],
    ['values of a class', torchFileOf(text('(ios\nsystem\n.')), /instruction 105 at byte 1 makes no tensor/],
    ['a call of a number', torchFileOf(text('K\x01)R.')), /calls what cannot be called/],
    ['a memory that is empty', torchFileOf(text('h\x05.')), /asks for value 5/],
    ['no dictionary', torchFileOf(text('K\x01.')), /has no tensors by names/],
    [
      'numbers of a big-endian machine',
      changed('state-dict.pth', (name, content) => (name.endsWith('byteorder') ? text('big') : content)),
      /expected little-endian numbers, got big/,
    ],
  ])('is named: %s', (_, file, message) => {
    const attempt = () => readTorchFile(file, 'weights.pth');
    expect(attempt).toThrow(DataError);
    expect(attempt).toThrow(/^weights\.pth: /);
    expect(attempt).toThrow(message);
  });

  it('has no entries that overlap, which would take long to check', () => {
    const content = new Uint8Array(1000);
    const file = zipOf(new Map(Array.from({ length: 9 }, (_, i) => [`x/data/${i}`, content])));
    const first = file.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    // all entries say that they begin at the first, and the contents of the others are left out
    const directory = Buffer.from(file.subarray(first));
    for (let at = 0; at < directory.length - 22; at += 46 + 8) directory.writeUInt32LE(0, at + 42);
    const end = directory.length - 22;
    directory.writeUInt32LE(1000 + 38, end + 16);
    const overlapping = Buffer.concat([file.subarray(0, 1038), directory]);
    expect(() => readTorchFile(overlapping, 'x')).toThrow(
      /^x: .*: zip: entries of \d+ bytes in a file of 1\d+$/,
    );
  });

  it('is told by its checksums', () => {
    const file = Buffer.from(torchGolden('state-dict.pth'));
    const at = file.indexOf('matrix.weight');
    file[at] = 0x4d;
    expect(() => readTorchFile(file, 'x')).toThrow(/data\.pkl has another checksum/);
  });

  it('says what a checkpoint has instead of weights', () => {
    const file = torchFileOf(text('}(X\x05\0\0\0epochK\x03X\x04\0\0\0argsNu.'));
    expect(() => readTorchFile(file, 'x')).toThrow(
      /^x: has no tensors by names, itself or under state_dict, .*: its entries are epoch, args$/,
    );
  });
});
