import { expect } from 'vitest';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { type Defect, packageCopy } from '../support/package-copy.ts';
import { photoFolder } from '../support/photos.ts';
import { millrace, millraceIn } from '../support/processes.ts';

const flags = [
  ...['--image-size', '16', '--batch-size', '8', '--batches', '2', '--workers', '2', '--data-backend', 'gpu'],
  ...['--augmentation', 'autoaugment', '--mixup', '0.2', '--only', 'gpu'],
];

const place = 'FAIL epoch 0, batch \\d, row \\d, (cat|dog)/\\d\\.jpg: ';
// a row's pixels are its partner's as well
const inEither = '(in its MixUp partner \\w+/\\d\\.jpg: )?';

/** One line of a shader, and what is found. */
const defects: readonly (Defect & { readonly name: string; readonly line: RegExp })[] = [
  {
    name: 'how the shader of resample rounds',
    file: 'backends/kernels/resample/resample.wgsl.js',
    from: 'vec3i(1 << 21u)',
    to: 'vec3i(1 << 20u)',
    line: RegExp(
      `${place}image, operator randomResizedCrop, kernel resample: ${inEither}pixel \\(\\d+, \\d+\\)`,
    ),
  },
  {
    name: 'the shader that blends',
    file: 'backends/kernels/finish/finish.wgsl.js',
    from: 'program[other.y]',
    to: 'program[other.x]',
    line: RegExp(`${place}mix, operator mixup, kernel finish: pixel \\(0, 0\\) green: `),
  },
];

describeOnGpu('millrace verify on a GPU', () => {
  itOnGpu('finds the stream of the cpu backend', async () => {
    const { code, stdout } = await millrace(['verify', await photoFolder(8), ...flags]);
    expect(stdout).toMatch(/^gpu: .* 32 {2}PASS$/m);
    expect(stdout).toMatch(/\nPASS: one stream, made in 2 ways;.*\n$/);
    expect(code).toBe(0);
  });

  itOnGpu.each(defects)('finds and names a defect in $name', async ({ line, ...defect }) => {
    const { code, stdout } = await millraceIn(packageCopy(defect), [
      'verify',
      await photoFolder(8),
      ...flags,
    ]);
    expect(stdout).toMatch(line);
    expect(code).toBe(1);
  });
});
