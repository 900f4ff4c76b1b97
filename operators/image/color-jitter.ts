import type { Rng } from '../../src/core/random.ts';
import { describeDrawn } from '../describe.ts';
import { type AnyImageOperator, defineOperator } from '../operator.ts';
import type { NumberParameter } from '../parameters.ts';
import { brightness } from './brightness.ts';
import { color } from './color.ts';
import { contrast } from './contrast.ts';
import { hue } from './hue.ts';

const operators = { brightness, contrast, color, hue } as const;

/** An operator and its factor, as plain data. */
interface Adjustment {
  readonly operator: keyof typeof operators;
  readonly factor: number;
}

interface Jitter {
  readonly adjustments: readonly Adjustment[];
}

const strength = { min: 0, max: 9, unit: 'times', default: 0 } as const satisfies NumberParameter;

/**
 * Brightness, contrast, saturation and hue, in an order that is drawn for each image. The factors of the first three are uniform
 * in max(0, 1 - x) to 1 + x, x being the parameter; the hue turns by -x to x of a full turn. 0 leaves out what it belongs to.
 *
 * image: u8 [h, w, 3], same size. torchvision's ColorJitter on PIL images; saturation is `color`.
 */
export const colorJitter = defineOperator({
  name: 'colorJitter',
  module: import.meta.url,
  parameters: {
    brightness: strength,
    contrast: strength,
    saturation: strength,
    hue: { min: 0, max: 0.5, unit: 'turns', default: 0 },
  },
  neutral: { brightness: 0, contrast: 0, saturation: 0, hue: 0 },
  draw({ brightness, contrast, saturation, hue }, rng): Jitter {
    const factorOf = (x: number) => rng.uniform(Math.max(0, 1 - x), 1 + x);
    // all are drawn, so that leaving one out does not change the others
    const adjustments: Adjustment[] = [
      { operator: 'brightness', factor: factorOf(brightness) },
      { operator: 'contrast', factor: factorOf(contrast) },
      { operator: 'color', factor: factorOf(saturation) },
      { operator: 'hue', factor: rng.uniform(-hue, hue) },
    ];
    const strengths = { brightness, contrast, color: saturation, hue };
    return { adjustments: shuffled(adjustments, rng).filter(({ operator }) => strengths[operator] > 0) };
  },
  parts: ({ adjustments }) =>
    adjustments.map((adjustment) => ({
      operator: operatorOf(adjustment),
      values: { factor: adjustment.factor },
      drawn: { adjustments: [adjustment] },
    })),
  describe: ({ adjustments }) =>
    adjustments.length === 0
      ? ['no jitter']
      : adjustments.flatMap((adjustment) =>
          describeDrawn(operatorOf(adjustment), { factor: adjustment.factor }),
        ),
  lower: ({ adjustments }, size) =>
    adjustments.flatMap((adjustment) => operatorOf(adjustment).lower({ factor: adjustment.factor }, size)),
});

const operatorOf = ({ operator }: Adjustment): AnyImageOperator => operators[operator].definition;

function shuffled<T>(values: readonly T[], rng: Rng): T[] {
  const rest = [...values];
  return values.map(() => rest.splice(rng.integer(rest.length), 1)[0] as T);
}
