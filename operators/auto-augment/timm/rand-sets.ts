import type { Layers } from '../layers.ts';
import type { OperationName } from '../operators.ts';

/** What timm's RandAugment chooses from. */
export type RandSet = Pick<Layers, 'choices' | 'weights'>;

/** Without a section t. */
export const everyOperation: RandSet = {
  choices: [
    ...(['autoContrast', 'equalize', 'invert', 'rotate', 'posterize', 'solarize', 'solarizeAdd'] as const),
    ...(['color', 'contrast', 'brightness', 'sharpness'] as const),
    ...(['shearX', 'shearY', 'translateX', 'translateY'] as const),
  ],
};

const threeOfDeit = { solarize: 6, desaturate: 6, gaussianBlur: 6 } as const;

/** By the name behind t. */
export const choiceSets = {
  weights: weighted({
    rotate: 3,
    shearX: 2,
    shearY: 2,
    translateX: 1,
    translateY: 1,
    color: 0.25,
    sharpness: 0.25,
    autoContrast: 0.25,
    solarize: 0.05,
    solarizeAdd: 0.05,
    contrast: 0.05,
    brightness: 0.05,
    equalize: 0.05,
    posterize: 0.05,
    invert: 0.05,
  }),
  '3a': { choices: Object.keys(threeOfDeit) as OperationName[] },
  '3aw': weighted({
    ...threeOfDeit,
    rotate: 3,
    shearX: 2,
    shearY: 2,
    posterize: 1,
    autoContrast: 1,
    color: 1,
    sharpness: 1,
    contrast: 1,
    brightness: 1,
    equalize: 1,
    invert: 1,
  }),
} as const satisfies Readonly<Record<string, RandSet>>;

function weighted(weights: Readonly<Partial<Record<OperationName, number>>>): RandSet {
  return { choices: Object.keys(weights) as OperationName[], weights: Object.values(weights) };
}
