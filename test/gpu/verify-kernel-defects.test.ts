import { expect } from 'vitest';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import {
  finish,
  firstRow,
  image,
  type PlantedDefect,
  resizeBy,
  SOUND,
  verdictsOn,
} from '../support/planted-defects.ts';

const kernels = 'backends/kernels';

const gather = {
  file: `${kernels}/gather/gather.wgsl.js`,
  from: 'program[call.columns + x]',
  to: 'program[call.columns + x] + select(0u, 1u, x == 2u)',
};
// of which the tables of the device are made
const coefficients = `${kernels}/resample/coefficients.js`;
const erased = `${kernels}/finish/erase.wgsl.js`;

const defects: readonly PlantedDefect[] = [
  {
    name: 'lut, in one column',
    steps: 'autoAugment()',
    finding: {
      ...{ row: 1, key: 'pattern-2', stage: 'image', operator: expect.any(String), kernel: 'lut' },
      detail: expect.stringMatching(/^pixel \(2, 0\) red: .* \(part of autoAugment\)/),
    },
    file: `${kernels}/lut/lut.wgsl.js`,
    from: 'pixelAt(image, x, y));',
    to: 'pixelAt(image, x, y)) ^ select(0u, 1u, x == 2u);',
  },
  {
    name: 'affine-bilinear',
    steps: "rotate({ degrees: 20, interpolation: 'bilinear' })",
    finding: image('rotate', 'affine-bilinear'),
    file: `${kernels}/affine-bilinear/affine-bilinear.wgsl.js`,
    from: 'twoTaps(sourceY.x, image.height)',
    to: 'twoTaps(sourceY.x, image.height - 1u)',
  },
  {
    name: 'hue',
    steps: 'hue({ factor: 0.2 })',
    finding: image('hue', 'hue'),
    file: `${kernels}/hue/hue.wgsl.js`,
    from: '(h & 31u)) & 1u',
    to: '(h & 31u)) & 0u',
  },
  {
    name: 'box-blur',
    steps: 'gaussianBlur()',
    finding: image('gaussianBlur', 'box-blur'),
    file: `${kernels}/box-blur/box-blur.wgsl.js`,
    from: 'clamp(here + radius + 1, 0, last)',
    to: 'clamp(here + radius, 0, last)',
  },
  {
    name: 'noise',
    steps: 'gaussianNoise()',
    finding: image('gaussianNoise', 'noise'),
    file: `${kernels}/noise/noise.wgsl.js`,
    from: '<= index',
    to: '< index',
  },
  {
    ...{ name: 'gather, of a padded crop', steps: 'randomCrop(16, { padding: 4, fill: [9, 99, 199] })' },
    ...{ finding: image('randomCrop', 'gather'), ...gather },
  },
  {
    ...{ name: 'gather, of the nearest pixels', steps: resizeBy('nearest') },
    ...{ finding: image('resize', 'gather'), ...gather },
  },
  {
    ...{ name: "resample's filter box", steps: resizeBy('box'), finding: image('resize', 'resample') },
    ...{ file: coefficients, from: 'x > -0.5 && x <= 0.5', to: 'x >= -0.5 && x < 0.5' },
  },
  {
    ...{
      name: "resample's filter lanczos",
      steps: resizeBy('lanczos'),
      finding: image('resize', 'resample'),
    },
    ...{ file: coefficients, from: 'sinc(x / 3)', to: 'sinc(x / 3.1)' },
  },
  {
    name: 'finish, with a constant in a box',
    steps: 'erase({ probability: 1, fill: [1, -2, 0.5] })',
    finding: finish('erase', 'erase'),
    file: erased,
    from: '{ return contentOf(box); }',
    to: '{ return contentOf(box).yxz; }',
  },
  {
    name: 'finish, with noise in a box',
    steps: "erase({ probability: 1, value: 'noise' })",
    finding: finish('erase', 'erase'),
    file: erased,
    from: 'program[box + 6u], place.pixel)',
    to: 'program[box + 6u], place.pixel + 1u)',
  },
  {
    name: 'finish, with a box that is blended',
    steps: 'erase({ probability: 1, fill: [2, 2, 2] }), mixup(1)',
    finding: finish('mix', 'mixup'),
    file: erased,
    from: 'numbers += bitcast',
    to: 'numbers -= bitcast',
  },
  {
    name: "finish, with a partner's pixels in a box",
    steps: 'cutmix()',
    finding: finish('mix', 'cutmix'),
    file: erased,
    from: '(i == 1u || isPartner)',
    to: '(i == 1u)',
  },
  {
    name: 'finish, with a box over what is mixed',
    steps: 'mixup(1), erase({ probability: 1 })',
    finding: finish('erase', 'erase'),
    file: erased,
    from: 'var box = after;',
    to: 'var box = 0u;',
  },
  {
    // no kernel: a row made alone has the first weight there is
    name: 'which weights a row has, of those that are kept',
    steps: "mix({ mixup: 1, mode: 'row' })",
    finding: { row: 1, key: 'pattern-2', stage: 'mix', operator: 'mix' },
    file: 'backends/gpu/encode-finish.js',
    from: 'this.#placed.get(lambda)',
    to: '[...this.#placed.values()][0]',
  },
];

const verdictOn = verdictsOn(defects, 'gpu');

describeOnGpu('verify on a GPU', () => {
  itOnGpu.each(defects)('finds and names a defect in $name', async ({ name, finding }) => {
    expect(await verdictOn(name)).toMatchObject({
      name: expect.stringMatching(/^gpu: /),
      status: 'fail',
      difference: { ...firstRow, ...finding },
    });
  });

  itOnGpu('passes steps that meet no defect', async () => {
    expect(await verdictOn(SOUND)).toMatchObject({ name: expect.stringMatching(/^gpu: /), status: 'pass' });
  });
});
