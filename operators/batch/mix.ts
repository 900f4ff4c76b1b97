import { drawBeta } from '../../src/core/beta.ts';
import { ParameterError } from '../../src/core/errors.ts';
import { cutFormulas, drawCut, drawCutWithin } from '../cut-box.ts';
import { defineNamedBatchOperator } from '../operator.ts';

const concentration = { min: 0, max: 100, unit: 'concentration', default: 0 } as const;

/**
 * MixUp, CutMix, or one of them by chance: CutMix with `switchProb`, where there are both. `mixup` and `cutmix` are the
 * alphas, of which 0 switches one off. With 1 - `prob` nothing is mixed. `mode` says what is drawn for: a global batch, a
 * pair of rows (i and i XOR 1) or each row; a partner's own mix never shows in a row.
 *
 * `box` says whose rounding CutMix's box has: torchvision's reaches int(0.5 sqrt(1 - lambda) side) both ways from its centre,
 * timm's is int(sqrt(1 - lambda) side) long. `minmax` draws its sides within these shares of the image's instead, by timm's
 * cutmix_minmax, and switches CutMix on. lambda is always the area that is left, timm's correct_lam.
 *
 * batch: [n, h, w, 3], same shape. timm's Mixup, with its names, but `mode: 'row'` is its 'elem', and row i is mixed with
 * row i XOR 1 instead of row n - 1 - i; `mix({ mixup: 0.2, cutmix: 1 })` is torchvision's RandomChoice([MixUp(alpha=0.2),
 * CutMix()]). timm's mixup_off_epoch is not offered: for the last epochs, run a pipeline without this step.
 */
export const mix = defineNamedBatchOperator({
  name: 'mix',
  module: import.meta.url,
  phase: 'batch',
  parameters: {
    mixup: concentration,
    cutmix: concentration,
    prob: { min: 0, max: 1, unit: 'probability', default: 1 },
    switchProb: { min: 0, max: 1, unit: 'probability', default: 0.5 },
    mode: { type: 'choice', choices: ['batch', 'pair', 'row'], default: 'batch' },
    minmax: { type: 'range', min: 0, max: 1, unit: 'of the side', optional: true },
    box: { type: 'choice', choices: cutFormulas, default: 'torchvision' },
  },
  check({ mixup, cutmix, minmax }) {
    if (mixup > 0 || cutmix > 0 || minmax !== undefined) return;
    const message = 'mix: mixup or cutmix must be above 0, or minmax be given; else leave the step out';
    throw new ParameterError('INVALID_PARAMETER', message);
  },
  unit: ({ mode }) => mode,
  blends: ({ mixup, cutmix, minmax, switchProb, prob }) =>
    mixup > 0 && prob > 0 && !(isCutOffered(cutmix, minmax) && switchProb === 1),
  // no draw for what is certain: with mixup alone the shares are those of mixup(alpha), the same with cutmix
  draw({ mixup, cutmix, prob, switchProb, minmax, box }, rng, size) {
    if (prob < 1 && !rng.chance(prob)) return undefined;
    const isCut = isCutOffered(cutmix, minmax) && (mixup === 0 || rng.chance(switchProb));
    if (!isCut) return { lambda: drawBeta(rng, mixup) };
    return minmax === undefined ? drawCut(rng, size, cutmix, box) : drawCutWithin(rng, size, minmax);
  },
});

const isCutOffered = (cutmix: number, minmax: unknown): boolean => cutmix > 0 || minmax !== undefined;
