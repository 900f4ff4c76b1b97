import { BackendError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { fuseCalls, type Kernel, type KernelCall, outputSize } from '../kernels/kernel.ts';
import { cropCall } from '../kernels/resample/calls.ts';
import { type ResampleShaderArguments, resampleShader } from '../kernels/resample/resample.wgsl.ts';
import type { Prepared, ResidentTables, Shader } from '../kernels/shader.ts';
import { kindOf, type Schedule } from './schedule.ts';
import { pixelShaders } from './wgsl/modules.ts';

/** An image to be processed, alone or to be blended with another of its batch. */
export interface BatchImage {
  /** u8 RGB, packed. */
  readonly pixels: Uint8Array;
  readonly size: Size;
  readonly calls: readonly KernelCall[];
  /** Index of the image blended in, with weight 1 - lambda. */
  readonly mix?: { readonly partner: number; readonly lambda: number };
}

export interface PlannedStep {
  readonly slot: number;
  readonly shader: Shader;
  readonly args: Readonly<Record<string, Prepared>>;
  readonly input: Size;
  readonly result: Size;
  /** Which of an image's areas holds the input (undefined: the upload), what lies between two passes, and the result. */
  readonly from: number | undefined;
  readonly between: number;
  readonly to: number;
}

/** What an image undergoes, and the room it takes on the device. */
export interface PlannedImage {
  readonly image: BatchImage;
  readonly steps: readonly PlannedStep[];
  /** Words of each of its areas in `pixels`. */
  readonly areas: readonly number[];
  readonly result: { readonly area: number; readonly size: Size };
  readonly uploadBytes: number;
  readonly pixelWords: number;
}

/** Of a table that is measured on an image: one area of each image. */
export const TABLE_AREA = 3;
const TABLE_WORDS = 256;

/** Decides slots and areas: images wander between areas 0 and 1, a resample in mid-program needs area 2 as well. */
export function planImage(image: BatchImage, schedule: Schedule, tables: ResidentTables): PlannedImage {
  const calls = beginWithResample(fuseCalls(image.calls), image.size);
  const shaders = calls.map(({ kernel }) => shaderOf(kernel.name));
  const kernels = calls.map(({ kernel }) => kernel.name);
  const slots = schedule.place(kernels);
  const isMeasured = kernels.some((kernel) => kindOf(kernel) === 'measured');
  const areas = [0, 0, 0, isMeasured ? TABLE_WORDS : 0];
  const claim = (area: number, { width, height }: Size) => {
    areas[area] = Math.max(areas[area] as number, width * height);
  };
  const steps: PlannedStep[] = [];
  let input = image.size;
  let from: number | undefined;
  for (const [i, call] of calls.entries()) {
    const shader = shaders[i] as Shader;
    const args = shader.prepare(call.args, tables, input);
    const result = outputSize(call, input);
    const to: number = from === 0 ? 1 : 0;
    const between = from === undefined ? 1 : 2;
    claim(to, result);
    if (shader === resampleShader) claim(between, betweenSize(args));
    steps.push({ slot: slots[i] as number, shader, args, input, result, from, between, to });
    from = to;
    input = result;
  }
  const uploadBytes = Math.ceil((image.size.width * image.size.height * 3) / 4) * 4;
  const pixelWords = areas.reduce((sum, words) => sum + words, 0);
  return { image, steps, areas, result: { area: from as number, size: input }, uploadBytes, pixelWords };
}

/** What reads an upload is a resample, if need be one that changes nothing. */
function beginWithResample(calls: readonly KernelCall[], size: Size): readonly KernelCall[] {
  if (calls[0]?.kernel.name === resampleShader.kernel.name) return calls;
  return [cropCall(size, { left: 0, top: 0, ...size }), ...calls];
}

/** The kernel of a name that came from another thread. */
export const kernelNamed = (name: string): Kernel => shaderOf(name).kernel;

function shaderOf(kernel: string): Shader {
  const shader = [resampleShader, ...pixelShaders].find((known) => known.kernel.name === kernel);
  if (shader !== undefined) return shader;
  throw new BackendError(
    'NO_SHADER',
    `gpu: there is no WGSL for the kernel '${kernel}'; use the backend cpu`,
  );
}

function betweenSize(args: PlannedStep['args']): Size {
  const { betweenWidth, betweenHeight } = args as ResampleShaderArguments;
  return { width: betweenWidth, height: betweenHeight };
}
