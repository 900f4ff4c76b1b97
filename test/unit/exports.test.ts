import * as millrace from 'millrace';
import { defineOperator, type ImageOperator, pipeline } from 'millrace';
import * as kernels from 'millrace/kernels';
import { type KernelCall, lut, sameTables } from 'millrace/kernels';
import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Pipeline } from '../../src/pipeline.ts';

describe('the package, imported by its name', () => {
  it('gives the modules that the sources become, not a second copy of them', () => {
    expect(millrace.Pipeline).toBe(Pipeline);
  });

  it("makes pipelines that are the user's Observables", () => {
    const grey = { image: { data: new Uint8Array(12), width: 2, height: 2 } };
    expect(pipeline(millrace.images([grey]), { workers: 0 })).toBeInstanceOf(Observable);
  });

  it('has the kernels in millrace/kernels only', () => {
    expect(Object.keys(kernels).sort()).toEqual([
      'Statistic',
      'affine',
      'blurCalls',
      'cropCall',
      'hueCall',
      'lut',
      'mirrorCall',
      'resizeCall',
      'rotation',
      'sameTables',
      'saturation',
      'sharpen',
      'statisticsLut',
    ]);
    expect(Object.keys(millrace).filter((name) => name in kernels)).toEqual([]);
  });

  it('has the types for an operator of kernel calls', async () => {
    const lower: ImageOperator['lower'] = (): KernelCall[] => [lut({ tables: sameTables((v) => v / 2) })];
    const halve = defineOperator({ name: 'halve', module: import.meta.url, parameters: {}, lower });
    const image = { data: Uint8Array.of(200, 100, 9), width: 1, height: 1 };
    expect((await millrace.applyOperators(image, [halve()])).data).toEqual(Uint8Array.of(100, 50, 4));
  });
});
