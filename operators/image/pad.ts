import { type PaddingMode, windowCall } from '../../backends/kernels/gather/calls.ts';
import { paddingParameters } from '../common-parameters.ts';
import { defineOperator, type OperatorFactory } from '../operator.ts';
import { invalidParameter } from '../parameters.ts';

const sideParameter = { type: 'integer', min: 0, max: 16384, unit: 'pixels', optional: true } as const;

/** Pixels to add on all sides, or on some. */
export type PadOptions = {
  readonly mode?: PaddingMode;
  readonly fill?: readonly [number, number, number];
} & (
  | {
      readonly all: number;
      readonly left?: never;
      readonly top?: never;
      readonly right?: never;
      readonly bottom?: never;
    }
  | {
      readonly left?: number;
      readonly top?: number;
      readonly right?: number;
      readonly bottom?: number;
      readonly all?: never;
    }
);

const declared = defineOperator({
  name: 'pad',
  module: import.meta.url,
  parameters: {
    ...{
      left: sideParameter,
      top: sideParameter,
      right: sideParameter,
      bottom: sideParameter,
      all: sideParameter,
    },
    ...paddingParameters,
  },
  check({ left, top, right, bottom, all }) {
    const isAnyGiven = [left, top, right, bottom].some((side) => side !== undefined);
    if (isAnyGiven === (all === undefined)) return;
    const expected = '{ all }, or some of { left, top, right, bottom }';
    throw invalidParameter('pad', 'sides', expected, { left, top, right, bottom, all });
  },
  describe: ({ all, left = all, top = all, right = all, bottom = all }) => [
    `pad ${[left, top, right, bottom].map((side = 0) => side).join(',')} px`,
  ],
  lower({ all = 0, left = all, top = all, right = all, bottom = all, mode, fill }, { width, height }) {
    const box = { left: -left, top: -top, width: left + width + right, height: top + height + bottom };
    return [windowCall({ width, height }, box, { mode, fill })];
  },
});

/**
 * Adds pixels around the image: on `all` sides, or as many as `left`, `top`, `right` and `bottom` say. `constant` makes
 * them of one colour, `edge` repeats the outermost pixel, `reflect` mirrors the image without repeating that pixel,
 * `symmetric` mirrors it all.
 *
 * image: u8 [h, w, 3] -> [top + h + bottom, left + w + right, 3]. torchvision's Pad on PIL images.
 */
export const pad: OperatorFactory<[options: PadOptions], (typeof declared)['definition']> = declared;
