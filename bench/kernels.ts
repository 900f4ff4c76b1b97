import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuBackend } from '../backends/cpu/executor.ts';
import { type DctMethod, decodeImage } from '../backends/decode/decode.ts';
import type { Interpolation } from '../backends/kernels/resample/calls.ts';
import type { AnyImageOperator, AnyOperator } from '../operators/operator.ts';
import type { RawImage, Size, TensorType } from '../src/core/image.ts';
import { definitionOf, describeStep, type Step } from '../src/core/step.ts';
import { drawProgram } from '../src/engine/plan/program.ts';
import {
  autoContrast,
  brightness,
  color,
  contrast,
  crop,
  equalize,
  gaussianBlur,
  horizontalFlip,
  hue,
  invert,
  posterize,
  resize,
  rotate,
  sharpness,
  shearX,
  shearY,
  solarize,
  solarizeAdd,
  translateX,
  translateY,
} from '../src/index.ts';
import { markdownTable, type Summary, timeCalls } from './measure.ts';

const OUTPUT: Size = { width: 224, height: 224 };
const BOX = { left: 60, top: 40, width: 360, height: 300 };
const REPETITIONS = { warmup: 50, runs: 200 };

const resizedCrop = (interpolation: Interpolation) => [crop(BOX), resize({ ...OUTPUT, interpolation })];
const bicubic = { interpolation: 'bicubic' } as const;

/** The same calls, by the same names, as peers/pillow_kernels.py makes on an image of 224x224 pixels. */
const operators: Readonly<Record<string, readonly Step[]>> = {
  horizontalFlip: [horizontalFlip()],
  shearX: [shearX({ shear: 0.21, ...bicubic })],
  shearY: [shearY({ shear: 0.12, ...bicubic })],
  translateX: [translateX({ pixels: -50 })],
  translateY: [translateY({ pixels: -50 })],
  rotate: [rotate({ degrees: 21 })],
  rotateBilinear: [rotate({ degrees: 21, interpolation: 'bilinear' })],
  rotateBicubic: [rotate({ degrees: 21, ...bicubic })],
  color: [color({ factor: 1.72 })],
  contrast: [contrast({ factor: 1.72 })],
  brightness: [brightness({ factor: 1.72 })],
  sharpness: [sharpness({ factor: 1.72 })],
  posterize: [posterize({ bits: 2 })],
  solarize: [solarize({ threshold: 76.8 })],
  solarizeAdd: [solarizeAdd({ amount: 33 })],
  autoContrast: [autoContrast()],
  equalize: [equalize()],
  invert: [invert()],
  hue: [hue({ factor: 0.1 })],
  gaussianBlur: [gaussianBlur({ sigma: [2, 2] })],
};

/** Milliseconds of each kernel on one thread, beside Pillow's where Python has it; both run in the same minute. */
export async function kernelTable(folder: string, python: string): Promise<string> {
  const encoded = firstImage(folder);
  const pillow = await timePillow(folder, python);
  const ours = await timeKernels(encoded);
  const rows = [...ours].map(([name, { median, min, max }]) => {
    const theirs = pillow?.[name];
    const ratio = theirs === undefined ? '' : `${(theirs / median).toFixed(1)}x`;
    const spread = `${min.toFixed(3)}..${max.toFixed(3)}`;
    return [name, median.toFixed(3), spread, theirs?.toFixed(3) ?? 'not installed', ratio];
  });
  return markdownTable(
    ['224x224, one thread', 'millrace ms', 'min..max', 'Pillow ms', 'Pillow / millrace'],
    rows,
  );
}

async function timeKernels(encoded: Buffer): Promise<Map<string, Summary>> {
  const executor = await cpuBackend.open();
  const decoded = (dct: DctMethod) =>
    decodeImage(encoded, { dct, orientation: 'ignore', maxPixels: 1e8 }, (size) => executor.image(0, size));
  const photograph = await decodedImage(encoded);
  const runOn = (image: RawImage, steps: readonly Step[]) => {
    const { calls } = drawProgram(steps.map(toImageStep), image, { seed: 0, epoch: 0, sampleId: 0 });
    return () => {
      executor.image(0, image).set(image.data);
      executor.run(0, calls);
    };
  };
  runOn(photograph, resizedCrop('bilinear'))();
  const small = await executor.read(0);
  const finish = (dtype: TensorType, bytes: number) => {
    const format = {
      dtype,
      layout: 'nhwc',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    } as const;
    const output = new Uint8Array(small.data.length * bytes);
    return () => void executor.finish([{ row: 1 }], format, output);
  };
  executor.image(1, small).set(small.data);
  executor.run(1, []);
  const times = await timeCalls(
    {
      decode: () => decoded('fast'),
      decodeAccurate: () => decoded('accurate'),
      resizedCropBilinear: runOn(photograph, resizedCrop('bilinear')),
      resizedCropBicubic: runOn(photograph, resizedCrop('bicubic')),
      ...Object.fromEntries(Object.entries(operators).map(([name, steps]) => [name, runOn(small, steps)])),
      normalizeFloat32: finish('float32', 4),
      normalizeFloat16: finish('float16', 2),
    },
    REPETITIONS,
  );
  await executor.close();
  return times;
}

export function toImageStep(step: Step) {
  const operator = step[definitionOf] as AnyOperator as AnyImageOperator;
  return { operator, parameters: step[describeStep].parameters };
}

async function decodedImage(encoded: Buffer): Promise<RawImage> {
  let data = Buffer.alloc(0);
  const options = { dct: 'fast', orientation: 'ignore', maxPixels: 1e8 } as const;
  const size = await decodeImage(
    encoded,
    options,
    ({ width, height }) => (data = Buffer.alloc(width * height * 3)),
  );
  return { ...size, data };
}

function firstImage(folder: string): Buffer {
  const [name] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.jpg'))
    .sort();
  return readFileSync(join(folder, name as string));
}

/** Medians of Pillow's operations; undefined where Python or Pillow is not installed. */
async function timePillow(folder: string, python: string): Promise<Record<string, number> | undefined> {
  const script = join('bench', 'peers', 'pillow_kernels.py');
  const output = await new Promise<string | undefined>((resolve) => {
    const child = spawn(python, [script, folder], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? text : undefined));
  });
  return output === undefined ? undefined : JSON.parse(output).milliseconds;
}
