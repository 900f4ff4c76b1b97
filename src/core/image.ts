/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle inside an image, in pixels. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** A decoded image: u8 RGB, rows packed without padding, shape [height, width, 3]. */
export interface RawImage extends Size {
  readonly data: Uint8Array;
}

export function isRawImage({ data, width, height }: RawImage): boolean {
  const isSide = (value: number) => Number.isInteger(value) && value > 0;
  return isSide(width) && isSide(height) && data?.length === width * height * 3;
}

/** Number type of a tensor's elements. float16 is carried as its bits in a Uint16Array. */
export const tensorTypes = ['float16', 'float32'] as const;
export type TensorType = (typeof tensorTypes)[number];

/** Order of a tensor's axes: n = rows of the batch, h, w = pixels, c = R, G, B. */
export const tensorLayouts = ['nhwc', 'nchw'] as const;
export type TensorLayout = (typeof tensorLayouts)[number];

/** How u8 pixels become tensor elements: (pixel / 255 - mean) / std a channel, in this type and layout. */
export interface TensorFormat {
  readonly dtype: TensorType;
  readonly layout: TensorLayout;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** One normalised image: shape [height, width, 3] for nhwc, [3, height, width] for nchw. */
export interface Tensor extends Size {
  readonly data: Uint16Array | Float32Array;
  readonly dtype: TensorType;
  readonly layout: TensorLayout;
}

export const bytesPerElement = (dtype: TensorType): number => (dtype === 'float16' ? 2 : 4);
