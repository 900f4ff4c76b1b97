import { expect, it } from 'vitest';
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
  file: `${kernels}/gather/gather.js`,
  from: '(input, columns[x],',
  to: '(input, columns[x] + (x === 2),',
};
const coefficients = `${kernels}/resample/coefficients.js`;
const erased = `${kernels}/finish/erased.js`;

const defects: readonly PlantedDefect[] = [
  {
    name: 'affine-bilinear',
    steps: "rotate({ degrees: 20, interpolation: 'bilinear' })",
    finding: image('rotate', 'affine-bilinear'),
    file: `${kernels}/affine-bilinear/affine-bilinear.js`,
    from: 'Math.floor((upper + lower) / ONE)',
    to: 'Math.round((upper + lower) / ONE)',
  },
  {
    name: 'hue',
    steps: 'hue({ factor: 0.2 })',
    finding: image('hue', 'hue'),
    file: `${kernels}/hue/hue.js`,
    from: 'isExact && isHueBelow(h)',
    to: 'isExact',
  },
  {
    name: 'box-blur',
    steps: 'gaussianBlur()',
    finding: image('gaussianBlur', 'box-blur'),
    file: `${kernels}/box-blur/box-blur.js`,
    from: 'Math.min(length - 1, i)',
    to: 'Math.min(length - 2, i)',
  },
  {
    name: 'noise',
    steps: 'gaussianNoise()',
    finding: image('gaussianNoise', 'noise'),
    file: `${kernels}/noise/noise.js`,
    from: 'noiseIndices(key0, key1, i / 3,',
    to: 'noiseIndices(key1, key0, i / 3,',
  },
  {
    ...{ name: 'gather, of a padded crop', steps: 'randomCrop(16, { padding: 4, fill: [9, 99, 199] })' },
    ...{ finding: image('randomCrop', 'gather'), ...gather },
  },
  {
    ...{ name: 'gather, of a mirrored border', steps: "pad({ all: 3, mode: 'reflect' })" },
    ...{ finding: image('pad', 'gather'), ...gather },
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
      name: "resample's filter hamming",
      steps: resizeBy('hamming'),
      finding: image('resize', 'resample'),
    },
    ...{ file: coefficients, from: 'Math.fround(0.46)', to: 'Math.fround(0.45)' },
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
    from: 'fillElement(box.fill[i % 3]',
    to: 'fillElement(box.fill[(i + 1) % 3]',
  },
  {
    name: 'finish, with noise in a box',
    steps: "erase({ probability: 1, value: 'noise' })",
    finding: finish('erase', 'erase'),
    file: erased,
    from: 'noiseAt(box.noise, i), NOISE_SHIFT',
    to: 'noiseAt(box.noise, i + 3), NOISE_SHIFT',
  },
  {
    name: 'finish, with a box that is blended',
    steps: 'erase({ probability: 1, fill: [2, 2, 2] }), mixup(1)',
    finding: finish('mix', 'mixup'),
    file: erased,
    from: 'fillTerm(box.fill[i % 3], share',
    to: 'fillTerm(box.fill[i % 3], 1 - share',
  },
  {
    name: "finish, with a partner's pixels in a box",
    steps: 'cutmix()',
    finding: finish('mix', 'cutmix'),
    file: erased,
    from: 'boxAt(boxes, own.image, i)',
    to: 'boxAt(boxes, own.image, i + 3)',
  },
  {
    name: 'finish, with a box over what is mixed',
    steps: 'mixup(1), erase({ probability: 1 })',
    finding: finish('erase', 'erase'),
    file: erased,
    from: 'boxAt(eraseAfter, image, i)',
    to: 'boxAt(eraseAfter, image, i + 3)',
  },
  {
    // no kernel: a row made alone has the first weight there is
    name: 'which weights a row has, of those that are kept',
    steps: "mix({ mixup: 1, mode: 'row' })",
    finding: { row: 1, key: 'pattern-2', stage: 'mix', operator: 'mix' },
    file: 'backends/cpu/finish-tables.js',
    from: 'mix.lambda === lambda && mix.format === format',
    to: 'mix.format === format',
  },
];

const verdictOn = verdictsOn(defects, 'reference');

it.each(defects)('verify finds and names a defect in $name', async ({ name, finding }) => {
  expect(await verdictOn(name)).toMatchObject({
    name: 'reference, some batches',
    status: 'fail',
    difference: { ...firstRow, ...finding },
  });
});

it('verify passes steps that meet no defect', async () => {
  expect(await verdictOn(SOUND)).toMatchObject({ name: 'reference, some batches', status: 'pass' });
});
