import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RawImage, Size } from '../../src/core/image.ts';

/** What test/golden/make_golden.py wrote: calls, and what Pillow and torchvision give for them. */
export interface Golden {
  readonly images: readonly (Size & { readonly offset: number })[];
  readonly cases: readonly GoldenCase[];
  readonly normalize: readonly { readonly image: number; readonly nhwc: string; readonly nchw: string }[];
  readonly v0: { readonly magnitudes: Magnitudes };
  readonly imagenet: {
    readonly subPolicies: unknown;
    readonly magnitudes: readonly ({ readonly image: number } & Magnitudes)[];
    readonly cases: readonly ImagenetCase[];
  };
}
type Magnitudes = Readonly<Record<string, readonly number[]>>;

/** Has the digest of the expected pixels, or, where they are not to be met exactly, their place in the binary. */
export interface Expected extends Size {
  readonly image: number;
  readonly sha256?: string;
  readonly offset?: number;
}
interface GoldenCase extends Expected {
  readonly operator: string;
  readonly arguments: readonly unknown[];
}
interface ImagenetCase extends Expected {
  readonly operator: string;
  readonly level: number;
  readonly sign: 1 | -1;
}

const folder = 'test/golden';
export const golden: Golden = JSON.parse(readFileSync(`${folder}/operators.json`, 'utf8'));
const bytes = new Uint8Array(readFileSync(`${folder}/operators.bin`));

export function goldenImage(index: number): RawImage {
  const { width, height, offset } = golden.images[index] as Golden['images'][number];
  return { width, height, data: bytesAt(offset, { width, height }) };
}

export const bytesAt = (offset: number, { width, height }: Size): Uint8Array =>
  bytes.slice(offset, offset + width * height * 3);

export function sha256(data: Uint8Array | Uint16Array): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}
