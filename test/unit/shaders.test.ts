import { describe, expect, it } from 'vitest';
import { prelude } from '../../backends/gpu/wgsl/prelude.wgsl.ts';
import { affineBicubicShader } from '../../backends/kernels/affine-bicubic/affine-bicubic.wgsl.ts';
import { affineNearestShader } from '../../backends/kernels/affine-nearest/affine-nearest.wgsl.ts';
import { blendSource } from '../../backends/kernels/blend.wgsl.ts';
import { gatherShader } from '../../backends/kernels/gather/gather.wgsl.ts';
import { lumaSource } from '../../backends/kernels/luma.wgsl.ts';
import { lutShader } from '../../backends/kernels/lut/lut.wgsl.ts';
import { saturationShader } from '../../backends/kernels/saturation/saturation.wgsl.ts';
import { argumentStruct } from '../../backends/kernels/shader.ts';
import { sharpenShader } from '../../backends/kernels/sharpen/sharpen.wgsl.ts';
import {
  measureSource,
  statisticsLutShader,
} from '../../backends/kernels/statistics-lut/statistics-lut.wgsl.ts';

const shaders = [
  affineBicubicShader,
  affineNearestShader,
  gatherShader,
  lutShader,
  saturationShader,
  sharpenShader,
  statisticsLutShader,
];

describe('argumentStruct', () => {
  it('declares a field a word and reads signed ones as such', () => {
    expect(argumentStruct(affineNearestShader)).toMatchInlineSnapshot(`
      "struct AffineNearest {
        a0: i32,
        a1: i32,
        a2: i32,
        a3: i32,
        a4: i32,
        a5: i32,
        fill: u32,
      }

      fn readAffineNearest(at: u32) -> AffineNearest {
        return AffineNearest(
          bitcast<i32>(program[at + 0u]),
          bitcast<i32>(program[at + 1u]),
          bitcast<i32>(program[at + 2u]),
          bitcast<i32>(program[at + 3u]),
          bitcast<i32>(program[at + 4u]),
          bitcast<i32>(program[at + 5u]),
          program[at + 6u],
        );
      }
      "
    `);
  });

  it('has the index of a table in the place of the table', () => {
    expect(argumentStruct(affineBicubicShader)).toMatchInlineSnapshot(`
      "struct AffineBicubic {
        coordinates: u32,
        runs: u32,
        fill: u32,
      }

      fn readAffineBicubic(at: u32) -> AffineBicubic {
        return AffineBicubic(
          program[at + 0u],
          program[at + 1u],
          program[at + 2u],
        );
      }
      "
    `);
  });
});

/** Types, and literals with a point. */
const floatingPoint = /f16|f32|vec[234][fh]|\d\.\d/;

describe('shaders', () => {
  it.each(shaders.map(({ kernel, source }) => [kernel.name, source]))(
    'has no floating point in %s',
    (_, source) => {
      expect(source).not.toMatch(floatingPoint);
    },
  );

  it('has no floating point in what shaders share', () => {
    for (const source of [prelude, blendSource, lumaSource, measureSource])
      expect(source).not.toMatch(floatingPoint);
  });
});
