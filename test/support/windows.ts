/** Shape of a filter's call: images height x width and what a filter with `kernel` odd makes of them. */
export interface WindowShape {
  readonly samples: number;
  readonly height: number;
  readonly width: number;
  readonly c4: number;
  readonly kernel: number;
  readonly stride: number;
  readonly chunk: number;
  /** Lines above and columns left of an image: at most half of the filter, as by default. */
  readonly top?: number;
  readonly left?: number;
}

/** Parameters and constants of a call of a kernel that filters images. */
export function windowNumbers({ samples, top, left, ...shape }: WindowShape) {
  const half = (shape.kernel - 1) / 2;
  const [marginTop, marginLeft] = [Math.min(half, top ?? half), Math.min(half, left ?? half)];
  const outHeight = Math.ceil(shape.height / shape.stride);
  const outWidth = Math.ceil(shape.width / shape.stride);
  const [sampleRows, inputSampleRows] = [outHeight * outWidth, shape.height * shape.width];
  const [rows, inputRows] = [samples * sampleRows, samples * inputSampleRows];
  return {
    ...shape,
    marginTop,
    marginLeft,
    outHeight,
    outWidth,
    rows,
    inputRows,
    sampleRows,
    inputSampleRows,
  };
}

/** A filter's gradient from its parts [parts, size]. */
export function sumOfParts(parts: Float64Array, size: number): Float64Array {
  const sums = new Float64Array(size);
  for (const [i, value] of parts.entries()) sums[i % size] = (sums[i % size] as number) + value;
  return sums;
}
