import { expect, it } from 'vitest';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import type { Quantization } from '../../../src/quantization/quantization.ts';
import { type CheckpointInfo, fromMetadata, toMetadata } from '../../../src/training/checkpoint-metadata.ts';
import { coded } from '../../support/errors.ts';

const info: CheckpointInfo = {
  ...{ model: efficientNet({ variant: 'nano', classes: 2 }), classes: ['cat', 'dog'] },
  ...{ imageSize: 64, interpolation: 'bicubic' },
};

it('gives back what was written', () => {
  const quantization: Quantization = {
    ...{ placement: 'tensorrt', method: 'max', batches: 3, batchSize: 8, digest: '0', levels: 7 },
  };
  expect(fromMetadata('a', toMetadata({ ...info, quantization }))).toEqual({ ...info, quantization });
});

it.each([
  ['model', 'null', /its model must be an object, got null/],
  ['model', '[]', /its model must be an object/],
  ['model', '{"variant":"b99"}', /its model cannot be: efficientNet: variant must be one of .*b99/],
  ['classes', '5', /its classes must be a list of texts, got 5/],
  ['classes', '[1]', /its classes must be a list of texts/],
  ['classes', '[', /its classes cannot be read: /],
  ['imageSize', '1.5', /its imageSize must be an integer >= 1, got 1\.5/],
  ['imageSize', 'large', /its imageSize cannot be read/],
  ['quantization', 'null', /its quantization must be an object with a placement \(tensorrt or onnxruntime\)/],
  ['quantization', '{"placement":"cuda"}', /its quantization must be/],
  ['quantization', '{"placement":"tensorrt","levels":128}', /levels of 1\.\.127 or none/],
  ['training', 'null', /its training must be an object with state and identity/],
  ['training', '{"state":{},"identity":{}}', /its training must be/],
])('refuses metadata %s %s', (name, text, message) => {
  expect(() => fromMetadata('a.safetensors', { ...toMetadata(info), [name]: text })).toThrow(
    coded('NOT_A_CHECKPOINT', message),
  );
  expect(() => fromMetadata('a.safetensors', { ...toMetadata(info), [name]: text })).toThrow(
    /^a\.safetensors: /,
  );
});
