import type { WarpChoice } from '../warps.ts';

/** What timm's training gives its policies: 255 times ImageNet's mean, and an interpolation that is drawn. */
export const timmWarps = { fill: [124, 116, 104], interpolation: 'random' } as const satisfies WarpChoice;
