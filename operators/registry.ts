import { mixup } from './batch/mixup.ts';
import { autoAugment } from './image/auto-augment.ts';
import { autoContrast } from './image/auto-contrast.ts';
import { brightness } from './image/brightness.ts';
import { centerCrop } from './image/center-crop.ts';
import { color } from './image/color.ts';
import { contrast } from './image/contrast.ts';
import { crop } from './image/crop.ts';
import { decode } from './image/decode.ts';
import { equalize } from './image/equalize.ts';
import { horizontalFlip } from './image/horizontal-flip.ts';
import { invert } from './image/invert.ts';
import { normalize } from './image/normalize.ts';
import { posterize } from './image/posterize.ts';
import { randomHorizontalFlip } from './image/random-horizontal-flip.ts';
import { randomResizedCrop } from './image/random-resized-crop.ts';
import { resize } from './image/resize.ts';
import { rotate } from './image/rotate.ts';
import { sharpness } from './image/sharpness.ts';
import { shearX } from './image/shear-x.ts';
import { shearY } from './image/shear-y.ts';
import { solarize } from './image/solarize.ts';
import { solarizeAdd } from './image/solarize-add.ts';
import { translateX } from './image/translate-x.ts';
import { translateY } from './image/translate-y.ts';

/** Every built-in operator by name, in the order of docs/operators.md. */
export const operators = {
  decode,
  randomResizedCrop,
  resize,
  crop,
  centerCrop,
  randomHorizontalFlip,
  horizontalFlip,
  shearX,
  shearY,
  translateX,
  translateY,
  rotate,
  color,
  contrast,
  brightness,
  sharpness,
  posterize,
  solarize,
  solarizeAdd,
  autoContrast,
  equalize,
  invert,
  autoAugment,
  normalize,
  mixup,
} as const;
