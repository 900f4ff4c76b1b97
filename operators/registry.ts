/** Every built-in operator by its name. What stands here is public, documented and tested. */

export { mixup } from './batch/mixup.ts';
export { autoAugment } from './image/auto-augment.ts';
export { autoContrast } from './image/auto-contrast.ts';
export { brightness } from './image/brightness.ts';
export { centerCrop } from './image/center-crop.ts';
export { color } from './image/color.ts';
export { contrast } from './image/contrast.ts';
export { crop } from './image/crop.ts';
export { decode } from './image/decode.ts';
export { equalize } from './image/equalize.ts';
export { horizontalFlip } from './image/horizontal-flip.ts';
export { invert } from './image/invert.ts';
export { normalize } from './image/normalize.ts';
export { posterize } from './image/posterize.ts';
export { randomHorizontalFlip } from './image/random-horizontal-flip.ts';
export { randomResizedCrop } from './image/random-resized-crop.ts';
export { resize } from './image/resize.ts';
export { rotate } from './image/rotate.ts';
export { sharpness } from './image/sharpness.ts';
export { shearX } from './image/shear-x.ts';
export { shearY } from './image/shear-y.ts';
export { solarize } from './image/solarize.ts';
export { solarizeAdd } from './image/solarize-add.ts';
export { translateX } from './image/translate-x.ts';
export { translateY } from './image/translate-y.ts';
export { trivialAugment } from './image/trivial-augment.ts';
