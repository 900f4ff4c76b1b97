import { BackendError } from '../../../src/core/errors.ts';
import { affineBicubicShader } from '../../kernels/affine-bicubic/affine-bicubic.wgsl.ts';
import { affineBilinearShader } from '../../kernels/affine-bilinear/affine-bilinear.wgsl.ts';
import { affineNearestShader } from '../../kernels/affine-nearest/affine-nearest.wgsl.ts';
import { blendSource } from '../../kernels/blend.wgsl.ts';
import { boxBlurShader } from '../../kernels/box-blur/box-blur.wgsl.ts';
import { coordinatesSource } from '../../kernels/coordinates.wgsl.ts';
import { gatherShader } from '../../kernels/gather/gather.wgsl.ts';
import { hueShader } from '../../kernels/hue/hue.wgsl.ts';
import { camelCase } from '../../kernels/kernel.ts';
import { lumaSource } from '../../kernels/luma.wgsl.ts';
import { lutShader } from '../../kernels/lut/lut.wgsl.ts';
import { noiseShader } from '../../kernels/noise/noise.wgsl.ts';
import { noiseIndicesSource } from '../../kernels/normal-noise/noise-indices.wgsl.ts';
import { resampleShader } from '../../kernels/resample/resample.wgsl.ts';
import { saturationShader } from '../../kernels/saturation/saturation.wgsl.ts';
import { argumentStruct, pascalCase, type Shader, type TableDefinition } from '../../kernels/shader.ts';
import { sharpenShader } from '../../kernels/sharpen/sharpen.wgsl.ts';
import {
  BINS,
  COUNTING_GROUPS,
  measureSource,
  statisticsLutShader,
} from '../../kernels/statistics-lut/statistics-lut.wgsl.ts';
import { wideProductSource } from '../../kernels/wide-product.wgsl.ts';
import { prelude } from './prelude.wgsl.ts';
import { RUN, stepSource, TILE } from './steps.wgsl.ts';

/** Every shader; its opcode is its place in this list, from 1 on. */
export const shaders: readonly Shader[] = [
  lutShader,
  affineNearestShader,
  affineBilinearShader,
  affineBicubicShader,
  gatherShader,
  saturationShader,
  sharpenShader,
  statisticsLutShader,
  resampleShader,
  noiseShader,
  hueShader,
  boxBlurShader,
];

const pixelShaders = shaders.filter(({ kernel }) => kernel.passes === 1);

/** Every kind of table that stays on the device; its number is its place in this list. */
export const residentTables: readonly TableDefinition[] = [
  ...new Set(
    shaders
      .flatMap(({ layout }) => Object.values(layout))
      .flatMap((field) => (field.kind === 'resident' ? [field.definition] : [])),
  ),
];

export const opcodeOf = (shader: Shader): number => shaders.indexOf(shader) + 1;
export const shaderOf = (opcode: number): Shader => shaders[opcode - 1] as Shader;

/** The shader of a kernel, by the kernel's name: calls that come from another thread have nothing else. */
export function shaderNamed(kernel: string): Shader {
  const shader = shaders.find((known) => known.kernel.name === kernel);
  if (shader !== undefined) return shader;
  const message = `gpu: there is no WGSL for the kernel '${kernel}'; use the backend cpu`;
  throw new BackendError('NO_SHADER', message);
}

const groupInputs = '@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u';
const tileInputs = `
  ${groupInputs}, @builtin(local_invocation_id) thread: vec3u,
`;

/** Crop, resize, mirror: the passes of kernels/resample. */
export const resampleModule = /* wgsl */ `${prelude}${stepSource}
${argumentStruct(resampleShader)}
${resampleShader.source}
@compute @workgroup_size(${TILE.width}, ${TILE.height})
fn resampleFirst(${tileInputs}) {
  let tile = tileOf(group, groups);
  if (tile >= dispatch.count) { return; }
  let step = readStep(tile);
  let id = pixelOf(tile, thread);
  if (id.x >= step.betweenWidth || id.y >= step.betweenHeight) { return; }
  let call = readResample(step.arguments);
  let source = Source(step.at, step.width, step.isUploaded != 0u);
  pixels[step.between + id.y * step.betweenWidth + id.x] = firstPass(call, source, id.x, id.y);
}

@compute @workgroup_size(${TILE.width}, ${TILE.height})
fn resampleSecond(${tileInputs}) {
  let tile = tileOf(group, groups);
  if (tile >= dispatch.count) { return; }
  let step = readStep(tile);
  let id = pixelOf(tile, thread);
  if (id.x >= step.resultWidth || id.y >= step.resultHeight) { return; }
  let call = readResample(step.arguments);
  let source = Source(step.between, step.betweenWidth, false);
  pixels[step.result + id.y * step.resultWidth + id.x] = secondPass(call, source, id.x, id.y);
}
`;

/** What several of the kernels use. */
const sharedSource = [lumaSource, blendSource, coordinatesSource, wideProductSource, noiseIndicesSource].join(
  '',
);

/** One kernel an image, whichever it is. */
export const applyModule = /* wgsl */ `${prelude}${stepSource}${sharedSource}
${pixelShaders.map((shader) => `${argumentStruct(shader)}${shader.source}`).join('\n')}
@compute @workgroup_size(${TILE.width}, ${TILE.height})
fn apply(${tileInputs}) {
  let tile = tileOf(group, groups);
  if (tile >= dispatch.count) { return; }
  let step = readStep(tile);
  let id = pixelOf(tile, thread);
  if (id.x >= step.resultWidth || id.y >= step.resultHeight) { return; }
  var pixel = 0u;
  switch (step.opcode) {
${pixelShaders.map((shader) => `    ${pixelCase(shader)}`).join('\n')}
    default: {}
  }
  pixels[step.result + id.y * step.resultWidth + id.x] = pixel;
}
`;

function pixelCase(shader: Shader): string {
  const { name } = shader.kernel;
  const call = `${camelCase(name)}(read${pascalCase(name)}(step.arguments), imageOf(step), id.x, id.y)`;
  return `case ${opcodeOf(shader)}u: { pixel = ${call}; }`;
}

/** Tables from what is measured on an image: several workgroups an image that count, then one that makes its table. */
export const measureModule = /* wgsl */ `${prelude}${stepSource}${lumaSource}${blendSource}
${argumentStruct(statisticsLutShader)}
${measureSource}
@compute @workgroup_size(${RUN})
fn measureImages(${groupInputs}, @builtin(local_invocation_index) lane: u32) {
  let number = tileOf(group, groups);
  let measured = number / ${COUNTING_GROUPS}u;
  // the same for all threads of the group, as barriers demand
  if (measured >= dispatch.count) { return; }
  let step = readStep(measured);
  let firstBin = dispatch.bins + ${BINS}u * measured;
  countLevels(readStatisticsLut(step.arguments), imageOf(step), firstBin, number % ${COUNTING_GROUPS}u, lane);
}

@compute @workgroup_size(${RUN})
fn makeTables(${groupInputs}, @builtin(local_invocation_index) lane: u32) {
  let measured = tileOf(group, groups);
  if (measured >= dispatch.count) { return; }
  let step = readStep(measured);
  makeTable(readStatisticsLut(step.arguments), imageOf(step), dispatch.bins + ${BINS}u * measured, lane);
}
`;
