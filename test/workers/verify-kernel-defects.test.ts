import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Defect, packageCopy } from '../support/package-copy.ts';
import { runCommand } from '../support/processes.ts';

/** A kernel, a step that calls it, the operator that is to be named, and a defect in the kernel's meaning. */
interface Planted extends Defect {
  readonly kernel: string;
  readonly operator: string;
  readonly step: string;
}

const defects: readonly Planted[] = [
  {
    kernel: 'hue',
    operator: 'hue',
    step: 'hue({ factor: 0.2 })',
    file: 'backends/kernels/hue/hue.js',
    from: 'isExact && isHueBelow(h)',
    to: 'isExact',
  },
  {
    kernel: 'box-blur',
    operator: 'gaussianBlur',
    step: 'gaussianBlur()',
    file: 'backends/kernels/box-blur/box-blur.js',
    from: 'Math.min(length - 1, i)',
    to: 'Math.min(length - 2, i)',
  },
  {
    kernel: 'noise',
    operator: 'gaussianNoise',
    step: 'gaussianNoise()',
    file: 'backends/kernels/normal-noise/noise-indices.js',
    from: 'out[1] = word0 >>> 16',
    to: 'out[1] = word1 >>> 16',
  },
];

it.each(defects)('verify finds and names a defect in $kernel, which $step calls', async (planted) => {
  const root = packageCopy(planted);
  const text = `
    import * as millrace from './dist/src/index.js';
    const { gaussianBlur, gaussianNoise, hue } = millrace;
    const items = Array.from({ length: 16 }, (_, i) => ({
      image: { width: 20, height: 18, data: Uint8Array.from({ length: 1080 }, (_, at) => (at * at * (i + 3)) >> 4) },
      label: 0,
      key: 'pattern-' + i,
    }));
    const steps = [millrace.randomResizedCrop(16), ${planted.step}];
    const options = { batchSize: 8, batches: 1, workers: 1, backends: ['reference'], seed: 3, only: 'reference' };
    const { results } = await millrace.verifyStream(millrace.images(items), steps, options);
    console.log(JSON.stringify(results.at(-1)));`;
  const path = join(root, 'verify.mjs');
  writeFileSync(path, text);
  const { stdout, stderr } = await runCommand(process.execPath, [path], {});
  expect(stderr).toBe('');
  const { kernel, operator } = planted;
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'fail',
    difference: { stage: 'image', operator, kernel },
  });
});
