import type { Box, RawImage, TensorFormat, TensorType } from '../../../src/core/image.ts';
import { noiseIndices } from '../normal-noise/noise-indices.ts';
import { elementPosition, fixedToElement, normalizeImage, normalizeMixed } from './finish.ts';
import type { EraseBox } from './row-finish.ts';
import { type MixTables, mixTables, normalizeTable, type TensorData } from './tables.ts';
import { fillElement, fillTerm, NOISE_SHIFT, noiseNumbers, noiseTerm, shareNumber } from './terms.ts';

/** An image and what of it is erased; a later box covers those before it. */
export interface Layer {
  readonly image: RawImage;
  readonly erase?: readonly EraseBox[] | undefined;
}

/** How one is mixed with another: in the box its pixels stand alone; without a box all are blended. */
export interface LayerMix {
  readonly partner: Layer;
  readonly lambda: number;
  readonly box?: Box;
}

/** The elements of a row of a tensor: an image's own, mixed with a partner's, and erased again. */
export function finishImage(
  own: Layer,
  mix: LayerMix | undefined,
  eraseAfter: readonly EraseBox[] | undefined,
  format: TensorFormat,
  output: TensorData,
): void {
  const isErased = [own.erase, mix?.partner.erase, eraseAfter].some((boxes = []) => boxes.length > 0);
  if (isErased || mix?.box !== undefined) finishErased(own, mix, eraseAfter, format, output);
  else if (mix === undefined) normalizeImage(own.image, normalizeTable(format), format.layout, output);
  else normalizeMixed(own.image, mix.partner.image, mixTables(format, mix.lambda), format, output);
}

/** Element by element: the own or the partner's, or both blended, and over it what `eraseAfter` says. */
function finishErased(
  own: Layer,
  mix: LayerMix | undefined,
  eraseAfter: readonly EraseBox[] | undefined,
  format: TensorFormat,
  output: TensorData,
): void {
  const { image } = own;
  const position = elementPosition(image, format.layout);
  const elementAt = mixedElements(own, mix, format);
  for (let i = 0; i < image.data.length; i++) {
    const box = boxAt(eraseAfter, image, i);
    output[position(i)] = box === undefined ? elementAt(i) : boxElement(box, i, format.dtype);
  }
}

/** Gives element i of the nhwc image before it is erased again. */
function mixedElements(own: Layer, mix: LayerMix | undefined, format: TensorFormat): (i: number) => number {
  const { dtype } = format;
  if (mix !== undefined && mix.box === undefined) {
    const tables = mixTables(format, mix.lambda);
    return (i) => fixedToElement(blend(own, mix, tables, i), tables.shift, dtype);
  }
  const table = normalizeTable(format);
  const boxes = mix?.box && [mix.box];
  return (i) => {
    const isPartner = mix !== undefined && boxAt(boxes, own.image, i) !== undefined;
    return layerElement(isPartner ? mix.partner : own, table, dtype, i);
  };
}

function layerElement({ image, erase }: Layer, table: TensorData, dtype: TensorType, i: number): number {
  const box = boxAt(erase, image, i);
  if (box !== undefined) return boxElement(box, i, dtype);
  return table[tableIndex(image, i)] as number;
}

function boxElement(box: EraseBox, i: number, dtype: TensorType): number {
  if ('fill' in box) return fillElement(box.fill[i % 3] as number, dtype);
  return fixedToElement(noiseAt(box.noise, i), NOISE_SHIFT, dtype);
}

/** A sum as an i32, which has no -0. */
function blend(own: Layer, { partner, lambda }: LayerMix, tables: MixTables, i: number): number {
  const ownTerm = layerTerm(own, tables.own, lambda, tables.shift, i);
  return (ownTerm + layerTerm(partner, tables.other, 1 - lambda, tables.shift, i)) | 0;
}

function layerTerm(
  { image, erase }: Layer,
  table: Int32Array,
  share: number,
  shift: number,
  i: number,
): number {
  const box = boxAt(erase, image, i);
  if (box === undefined) return table[tableIndex(image, i)] as number;
  if ('fill' in box) return fillTerm(box.fill[i % 3] as number, share, shift);
  return noiseTerm(noiseAt(box.noise, i), shareNumber(share), shift);
}

const tableIndex = ({ data }: RawImage, i: number): number => 256 * (i % 3) + (data[i] as number);

const indices = new Uint16Array(3);

/** The noise of element i: under its box's key it depends on nothing but the pixel's number. */
function noiseAt([key0, key1]: readonly [number, number], i: number): number {
  noiseIndices(key0, key1, Math.floor(i / 3), indices);
  return noiseNumbers()[indices[i % 3] as number] as number;
}

/** The last of these boxes that element i of an nhwc image lies in. */
function boxAt<B extends Box>(
  boxes: readonly B[] | undefined,
  { width }: RawImage,
  i: number,
): B | undefined {
  const x = Math.floor(i / 3) % width;
  const y = Math.floor(i / 3 / width);
  return boxes?.findLast((box) => {
    const isInColumns = x >= box.left && x < box.left + box.width;
    return isInColumns && y >= box.top && y < box.top + box.height;
  });
}
