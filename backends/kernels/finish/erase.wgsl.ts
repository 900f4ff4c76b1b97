import type { Box, TensorFormat } from '../../../src/core/image.ts';
import type { EraseBox, RowFinish } from './row-finish.ts';
import { fillElement, fillTerm, NOISE_SHIFT, SHARE_BITS, shareNumber } from './terms.ts';

/**
 * What stands in `program` for a row with boxes: this head, then the boxes of the row's own image, of its partner's, and those
 * of `eraseAfter`. Shares are for noise; the box is the one in which the partner's pixels stand, empty where there is none.
 */
const boxesFields = [
  ...(['own', 'partner', 'after', 'ownShare', 'partnerShare'] as const),
  ...(['left', 'top', 'right', 'bottom'] as const),
] as const;
/** Index of a field's word in the head. */
const boxesField = Object.fromEntries(boxesFields.map((name, i) => [name, i])) as Readonly<
  Record<(typeof boxesFields)[number], number>
>;

/** Words of a box: left, top, right, bottom, whether it is noise, then a key or three elements (in a blend: terms). */
const BOX_WORDS = 8;

/** The words of a row with boxes; undefined for one without. @param shift of a blend's numbers; undefined: it is not blended */
export function boxesWords(
  row: RowFinish,
  format: TensorFormat,
  shift: number | undefined,
): number[] | undefined {
  const { erase = [], mix, eraseAfter = [] } = row;
  const ofPartner = mix?.erase ?? [];
  if (boxesOf(row).length === 0 && mix?.box === undefined) return undefined;
  const { lambda, box } = { lambda: 1, ...mix };
  const element = (fill: number) => elementWord(fill, format);
  const shareOf = (share: number) =>
    shift === undefined ? element : (fill: number) => fillTerm(fill, share, shift);
  return [
    ...[erase.length, ofPartner.length, eraseAfter.length, shareNumber(lambda), shareNumber(1 - lambda)],
    ...cornersOf(box ?? { left: 0, top: 0, width: 0, height: 0 }),
    ...erase.flatMap((one) => boxWords(one, shareOf(lambda))),
    ...ofPartner.flatMap((one) => boxWords(one, shareOf(1 - lambda))),
    ...eraseAfter.flatMap((one) => boxWords(one, element)),
  ];
}

export const usesNoise = (row: RowFinish): boolean => boxesOf(row).some((box) => 'noise' in box);

const boxesOf = ({ erase = [], mix, eraseAfter = [] }: RowFinish): EraseBox[] => [
  ...erase,
  ...(mix?.erase ?? []),
  ...eraseAfter,
];

function boxWords(box: EraseBox, wordOf: (fill: number) => number): number[] {
  const content = 'fill' in box ? [0, ...box.fill.map(wordOf)] : [1, ...box.noise, 0];
  return [...cornersOf(box), ...content];
}

const cornersOf = ({ left, top, width, height }: Box) => [left, top, left + width, top + height];

/** An element's bits. */
function elementWord(fill: number, { dtype }: TensorFormat): number {
  const element = fillElement(fill, dtype);
  return dtype === 'float16' ? element : (new Uint32Array(Float32Array.of(element).buffer)[0] as number);
}

/** The elements of a pixel of a row with boxes: erased.ts. */
export const eraseSource = /* wgsl */ `
// What elements are made of: the places of the tables of bytes and of noise in \`resident\`, and a blend's unit.
struct Format { table: u32, noise: u32, shift: i32, isFloat: bool }
struct Place { pixel: u32, xy: vec2u }
// An image, what of it is erased (boxes of [first, end)), and its tables and its share in a blend.
struct Layer { image: u32, first: u32, end: u32, tables: u32, share: u32 }

fn ownLayer(row: Row) -> Layer {
  let first = row.boxes + ${boxesFields.length}u;
  let end = first + ${BOX_WORDS}u * program[row.boxes + ${boxesField.own}u];
  return Layer(row.image, first, end, row.tables, program[row.boxes + ${boxesField.ownShare}u]);
}

fn partnerLayer(row: Row) -> Layer {
  let first = ownLayer(row).end;
  let end = first + ${BOX_WORDS}u * program[row.boxes + ${boxesField.partner}u];
  return Layer(row.partner, first, end, row.tables + 768u, program[row.boxes + ${boxesField.partnerShare}u]);
}

// Own, partner's, both blended, or erased after that. A loop over the layers: written out, each would repeat the code of noise.
fn erasedPixel(row: Row, place: Place, format: Format) -> vec3u {
  let own = ownLayer(row);
  let partner = partnerLayer(row);
  let afterEnd = partner.end + ${BOX_WORDS}u * program[row.boxes + ${boxesField.after}u];
  let after = boxOver(partner.end, afterEnd, place.xy);
  let isBlended = row.tables != 0u && after == 0u;
  let isPartner = isInside(row.boxes + ${boxesField.left}u, place.xy);
  var numbers = vec3i(0);
  var shift = format.shift;
  let layers = select(1u, 2u, isBlended);
  for (var i = 0u; i < layers; i++) {
    var layer = own;
    if (i == 1u || isPartner) { layer = partner; }
    var box = after;
    if (after == 0u) { box = boxOver(layer.first, layer.end, place.xy); }
    if (box == 0u) {
      let pixel = pixels[layer.image + place.pixel];
      if (!isBlended) { return normalizedPixel(format.table, pixel); }
      numbers += termsOf(layer.tables, pixel);
    } else if (isNoise(box)) {
      let noise = noiseAt(box, place, format);
      if (isBlended) {
        numbers += noiseTerms(noise, i32(layer.share), u32(${NOISE_SHIFT} - shift));
      } else {
        numbers = noise;
        shift = ${NOISE_SHIFT};
      }
    } else {
      if (!isBlended) { return contentOf(box); }
      numbers += bitcast<vec3i>(contentOf(box));
    }
  }
  return elementsOfNumbers(bitcast<vec3u>(numbers), shift, format.isFloat);
}

fn termsOf(tables: u32, pixel: u32) -> vec3i {
  let v = channelsOf(pixel) + vec3u(tables, tables + 256u, tables + 512u);
  return bitcast<vec3i>(vec3u(program[v.x], program[v.y], program[v.z]));
}

fn noiseTerms(noise: vec3i, share: i32, cut: u32) -> vec3i {
  let rounded = (noise + vec3i(1 << ${SHARE_BITS - 1}u)) >> vec3u(${SHARE_BITS}u);
  return (rounded * share + vec3i((1 << cut) >> 1u)) >> vec3u(cut);
}

fn noiseAt(box: u32, place: Place, format: Format) -> vec3i {
  let i = noiseIndices(program[box + 5u], program[box + 6u], place.pixel) + vec3u(format.noise);
  return bitcast<vec3i>(vec3u(resident[i.x], resident[i.y], resident[i.z]));
}

// The last of the boxes of [first, end) that the place lies in; 0: none.
fn boxOver(first: u32, end: u32, xy: vec2u) -> u32 {
  for (var box = end; box > first; box -= ${BOX_WORDS}u) {
    if (isInside(box - ${BOX_WORDS}u, xy)) { return box - ${BOX_WORDS}u; }
  }
  return 0u;
}

fn isInside(box: u32, xy: vec2u) -> bool {
  let isBefore = xy.x < program[box] || xy.y < program[box + 1u];
  return !isBefore && xy.x < program[box + 2u] && xy.y < program[box + 3u];
}

fn isNoise(box: u32) -> bool { return program[box + 4u] != 0u; }
fn contentOf(box: u32) -> vec3u { return vec3u(program[box + 5u], program[box + 6u], program[box + 7u]); }
`;
