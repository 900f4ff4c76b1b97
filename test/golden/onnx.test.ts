import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { layersOf } from '../../src/models/layers.ts';
import { batchOf, bestOf, fileOf, normalized, predict, rms } from '../support/exported-models.ts';
import { formulaWeights } from '../support/formula.ts';
import { noise } from '../support/images.ts';
import { observedRanges } from '../support/observed-ranges.ts';
import { type OnnxInput, photoInput, pixelsInput, tensorInput } from '../support/onnx.ts';

/** A Python with the packages of .ci/install-onnx. Without one these tests are reported as skipped. */
const python = process.env['MILLRACE_ONNX_PYTHON'];

const run = promisify(execFile);

/** What check_onnx.py says of a file. */
interface Checked {
  readonly name: string;
  readonly logits: number[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly shapes: readonly (readonly (number | string)[])[];
  readonly nodes: Readonly<Record<string, number>>;
  readonly largestLevel: number | null;
}

interface Case {
  readonly name: string;
  readonly file: Uint8Array;
  readonly input: OnnxInput;
}

async function checked(cases: readonly Case[]): Promise<ReadonlyMap<string, Checked>> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  try {
    const described = cases.map(({ name, input }) => ({ name, dtype: input.type, shape: input.dims }));
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(described));
    for (const { name, file, input } of cases) {
      writeFileSync(join(folder, `${name}.onnx`), file);
      writeFileSync(join(folder, `${name}.input`), input.data as Uint8Array);
    }
    const { stdout } = await run(python as string, ['test/golden/check_onnx.py', folder]);
    const lines = stdout.trimEnd().split('\n');
    return new Map(lines.map((line) => JSON.parse(line) as Checked).map((one) => [one.name, one]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const classes = 10;

describe.skipIf(python === undefined).each(['nano', 'b0'] as const)(
  'the files of %s, in Python',
  (variant) => {
    const model: EfficientNet = efficientNet({ variant, classes });
    const { resolution: size } = model;
    const weights = formulaWeights(model);
    const images = [1, 2, 3].map((seed) => noise({ width: size, height: size }, seed));
    let expected: Float32Array;
    let results: ReadonlyMap<string, Checked>;
    const resultOf = (name: string): Checked => results.get(name) as Checked;
    const logitsOf = (name: string): Float32Array => Float32Array.from(resultOf(name).logits);

    beforeAll(async () => {
      const values = await normalized(images);
      const tensor = tensorInput(values, images.length, size);
      const ranges = await observedRanges(model, weights, tensor);
      expected = await predict(model, weights, batchOf(values, size));
      const int8 = (name: string, profile: 'onnxruntime' | 'tensorrt', hasIntegerSigmoid = false): Case => ({
        ...{
          name,
          file: fileOf(model, weights, 'tensor', { profile, ranges, hasIntegerSigmoid }),
          input: tensor,
        },
      });
      results = await checked([
        { name: 'tensor', file: fileOf(model, weights, 'tensor'), input: tensor },
        { name: 'pixels', file: fileOf(model, weights, 'pixels'), input: pixelsInput(images) },
        {
          name: 'photo',
          file: fileOf(model, weights, 'photo'),
          input: photoInput(noise({ width: 300, height: 200 }, 1)),
        },
        int8('onnxruntime', 'onnxruntime'),
        int8('sigmoid', 'onnxruntime', true),
        int8('tensorrt', 'tensorrt'),
      ]);
    });

    it.each(['tensor', 'pixels'])("give the trainer's logits of %s", (name) => {
      const logits = logitsOf(name);
      const largest = Math.max(...expected.map((value, i) => Math.abs(value - (logits[i] as number))));
      expect(largest).toBeLessThanOrEqual(1e-4);
      expect(bestOf(logits, classes)).toEqual(bestOf(expected, classes));
    });

    it('have a named batch dimension, and a photo of any size', () => {
      expect(resultOf('tensor').shapes).toEqual([
        ['batch', 3, size, size],
        ['batch', classes],
      ]);
      expect(resultOf('pixels').shapes).toEqual([
        ['batch', size, size, 3],
        ['batch', classes],
      ]);
      expect(resultOf('photo').shapes).toEqual([
        ['height', 'width', 3],
        [1, classes],
      ]);
    });

    it("crop photos at most a level off Pillow's", () => {
      expect(resultOf('photo').largestLevel).toBeLessThanOrEqual(1);
      expect(resultOf('photo').logits).toHaveLength(classes);
    });

    it.each(['onnxruntime', 'sigmoid', 'tensorrt'])('give about the same logits in int8: %s', (name) => {
      const logits = logitsOf(name);
      const errors = expected.map((value, i) => value - (logits[i] as number));
      expect(rms(errors)).toBeLessThan(0.15 * rms(expected));
      expect(resultOf(name).metadata['placement']).toBe(name === 'tensorrt' ? 'tensorrt' : 'onnxruntime');
    });

    it.each(['onnxruntime', 'sigmoid'])('run all convolutions in int8: %s', (name) => {
      const { nodes } = resultOf(name);
      // the classifier is a product, which is no convolution
      expect(nodes).toMatchObject({ QLinearConv: layersOf(model).length - 1 });
      expect(nodes).not.toHaveProperty('Conv');
    });

    it('run no value between convolutions in float32 where the sigmoid is int8', () => {
      expect(resultOf('sigmoid').nodes).not.toHaveProperty('Sigmoid');
      expect(resultOf('onnxruntime').nodes).toHaveProperty('Sigmoid');
    });
  },
);
