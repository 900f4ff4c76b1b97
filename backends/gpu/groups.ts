import { BackendError } from '../../src/core/errors.ts';
import type { Gpu } from './device/device.ts';
import type { PreparedImage } from './prepared-image.ts';

/** Consecutive images of a batch that are processed together. */
export interface Group {
  readonly images: readonly PreparedImage[];
  /** Index of the first in the batch. */
  readonly first: number;
}

/** What one group may take of the device. */
export interface GroupLimits {
  /** Of each of its buffers. */
  readonly bytes: number;
  readonly images: number;
}

/** Enough for a batch of 1,000 crops to 224 x 224; more would only hold memory. */
const MOST_BYTES = 2 ** 29;

export function groupLimits({ device: { limits } }: Gpu): GroupLimits {
  return {
    bytes: Math.min(limits.maxStorageBufferBindingSize, MOST_BYTES),
    images: limits.maxComputeWorkgroupsPerDimension,
  };
}

/**
 * Splits a batch where it takes more than the device can bind. Rows come in twos, whose halves fill whole words of
 * the tensor; no image is parted from the one it is blended with.
 */
export function splitIntoGroups(
  images: readonly PreparedImage[],
  tensorRowBytes: number,
  limits: GroupLimits,
): Group[] {
  const groups: Group[] = [];
  let first = 0;
  let taken: Load = { uploadBytes: 0, pixelBytes: 0, tensorBytes: 0, binBytes: 0, images: 0 };
  for (const { first: start, end } of inUnits(images)) {
    const unit = images.slice(start, end);
    const load = loadOf(unit, tensorRowBytes);
    if (!fits(load, limits)) throw tooLarge(unit, load, limits);
    const together = add(taken, load);
    if (fits(together, limits)) {
      taken = together;
      continue;
    }
    groups.push({ first, images: images.slice(first, start) });
    first = start;
    taken = load;
  }
  groups.push({ first, images: images.slice(first) });
  return groups;
}

interface Load {
  readonly uploadBytes: number;
  readonly pixelBytes: number;
  readonly tensorBytes: number;
  readonly binBytes: number;
  readonly images: number;
}

const add = (a: Load, b: Load): Load => ({
  uploadBytes: a.uploadBytes + b.uploadBytes,
  pixelBytes: a.pixelBytes + b.pixelBytes,
  tensorBytes: a.tensorBytes + b.tensorBytes,
  binBytes: a.binBytes + b.binBytes,
  images: a.images + b.images,
});

const largest = ({ uploadBytes, pixelBytes, tensorBytes, binBytes }: Load): number =>
  Math.max(uploadBytes, pixelBytes, tensorBytes, binBytes);

const fits = (load: Load, { bytes, images }: GroupLimits): boolean =>
  largest(load) <= bytes && load.images <= images;

const loadOf = (images: readonly PreparedImage[], tensorRowBytes: number): Load => ({
  uploadBytes: images.reduce((sum, { plan }) => sum + plan.uploadBytes, 0),
  pixelBytes: images.reduce((sum, { plan }) => sum + plan.pixelWords * 4, 0),
  tensorBytes: images.length * tensorRowBytes,
  binBytes: images.reduce((sum, { plan }) => sum + plan.binBytes, 0),
  images: images.length,
});

/** The smallest runs of images that must stay together. */
function inUnits(images: readonly PreparedImage[]): { first: number; end: number }[] {
  const units: { first: number; end: number }[] = [];
  let first = 0;
  let end = 0;
  for (const [i, { mix }] of images.entries()) {
    end = Math.max(end, i + 1, (mix?.partner ?? 0) + 1);
    const isWhole = i + 1 === end && (end - first) % 2 === 0;
    if (!isWhole && i + 1 < images.length) continue;
    units.push({ first, end: i + 1 });
    first = i + 1;
  }
  return joinBackwards(units, images);
}

/** A partner that lies before its unit joins the units between. */
function joinBackwards(units: { first: number; end: number }[], images: readonly PreparedImage[]) {
  const joined: { first: number; end: number }[] = [];
  for (const unit of units) {
    const partners = images.slice(unit.first, unit.end).map(({ mix }, i) => mix?.partner ?? unit.first + i);
    const from = Math.min(unit.first, ...partners);
    let { first } = unit;
    while (first > from) first = (joined.pop() as (typeof joined)[number]).first;
    joined.push({ first, end: unit.end });
  }
  return joined;
}

function tooLarge(images: readonly PreparedImage[], load: Load, limits: GroupLimits): BackendError {
  const sizes = images.map(({ plan: { size } }) => `${size.width} x ${size.height}`).join(' and ');
  const mebibytes = (value: number) => `${(value / 2 ** 20).toFixed(0)} MiB`;
  const message =
    `gpu: the device takes at most ${mebibytes(limits.bytes)} at once, and parts of images of ${sizes} pixels need ` +
    `${mebibytes(largest(load))}: crop them before other steps, import them with --max-side, or use the backend cpu`;
  return new BackendError('GPU_LIMIT', message);
}
