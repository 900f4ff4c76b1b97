import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../src/core/errors.ts';
import { type Fields, integer, join, message, text } from '../../../src/export/protobuf.ts';
import { readOnnx } from '../../../src/export/read-onnx.ts';
import { coded } from '../../support/errors.ts';

const metadata = {
  millrace: '1.2.3',
  model: 'efficientnet-nano',
  input: 'photo',
  classes: '["cat","dog"]',
  imageSize: '64',
  shortSide: '73',
  crop: 'center',
  interpolation: 'bicubic',
  mean: '[0.4,0.5,0.6]',
  std: '[0.1,0.2,0.3]',
};

const properties = (values: Readonly<Record<string, string>>): Fields =>
  Object.entries(values).flatMap(([name, value]) => message(14, text(1, name), text(2, value)));

const emptyGraph: Fields = [...integer(1, 8), ...message(7, text(2, 'graph'))];
const fileOf = (values: Readonly<Record<string, string>>): Uint8Array =>
  join([...emptyGraph, ...properties(values)]);

const read = (file: Uint8Array) => readOnnx('model.onnx', file);
const damaged = (reason: RegExp) =>
  coded('DAMAGED_ONNX', new RegExp(`^model\\.onnx: not a readable ONNX file: ${reason.source}`));

describe('readOnnx', () => {
  it('reads how images are made and what the outputs mean', () => {
    expect(read(fileOf({ ...metadata, unknown: 'passed over' }))).toEqual({
      model: 'efficientnet-nano',
      input: 'photo',
      classes: ['cat', 'dog'],
      imageSize: 64,
      shortSide: 73,
      interpolation: 'bicubic',
      mean: [0.4, 0.5, 0.6],
      std: [0.1, 0.2, 0.3],
      isMultiLabel: false,
    });
    expect(read(fileOf({ ...metadata, multiLabel: 'true' })).isMultiLabel).toBe(true);
  });

  it('tells ONNX files of others from damaged ones', () => {
    const { millrace: _, ...others } = metadata;
    for (const values of [{}, others])
      expect(() => read(fileOf(values))).toThrow(
        coded('NOT_OUR_ONNX', /^model\.onnx: .* millrace export did not/),
      );
    const file = fileOf(metadata);
    expect(() => read(file.subarray(0, -3))).toThrow(damaged(/\d+ more bytes were announced at byte/));
    expect(() => read(new Uint8Array())).toThrow(damaged(/it has no graph/));
    expect(() => read(join(properties(metadata)))).toThrow(damaged(/it has no graph/));
    expect(() => read(new TextEncoder().encode('a text'))).toThrow(damaged(/./));
    const noText = message(14, message(1, [Uint8Array.of(255)]));
    expect(() => read(join([...emptyGraph, ...noText]))).toThrow(damaged(/The encoded data was not valid/));
  });

  it.each([
    ['classes', '["cat", 1]', /classes: expected a list of texts, got "\[\\"cat\\", 1\]"/],
    ['classes', '{"length": 3}', /classes: expected a list of texts/],
    ['classes', 'cat, dog', /classes: expected a list of texts, got "cat, dog"/],
    ['input', 'video', /input: expected photo or pixels or tensor, got "video"/],
    ['interpolation', '', /interpolation: expected bilinear or bicubic, got ""/],
    ['imageSize', '"64"', /imageSize: expected a number/],
    ['shortSide', '1e999', /shortSide: expected a number/],
    ['mean', '[0.4,0.5]', /mean: expected three numbers/],
    ['std', '[0.4,0.5,null]', /std: expected three numbers/],
    ['classes', `"${'x'.repeat(1000)}"`, /classes: expected a list of texts, got .{40,50}$/],
  ])('names the metadata that cannot be: %s', (name, value, reason) => {
    const expected = damaged(new RegExp(`metadata ${reason.source}`));
    expect(() => read(fileOf({ ...metadata, [name]: value }))).toThrow(expected);
  });

  it('names the metadata that are missing', () => {
    const { model: _, ...others } = metadata;
    expect(() => read(fileOf(others))).toThrow(damaged(/metadata model: expected a text, got none/));
  });

  it('reads or refuses any damaged file with a DataError that names it', () => {
    const file = fileOf(metadata);
    const damage = fc.record({ at: fc.nat(file.length - 1), byte: fc.nat(255), length: fc.nat(file.length) });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const bytes = Uint8Array.from(file);
        for (const { at, byte } of damages) bytes[at] = byte;
        try {
          read(bytes.subarray(0, Math.max(...damages.map(({ length }) => length))));
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          expect((error as DataError).message).toMatch(/^model\.onnx: /);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
