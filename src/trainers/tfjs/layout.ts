import type { ModelTensor } from '../../models/parameters.ts';

/** A tensor's shape and values in one of the two layouts. */
interface Values {
  readonly shape: number[];
  readonly data: Float32Array;
}

type Axes = readonly [number, number, number, number];

/** PyTorch's OIHW to tfjs's HWIO, and back. */
const convolution = { toTfjs: [2, 3, 1, 0], fromTfjs: [3, 2, 0, 1] } as const;
/** PyTorch's [c, 1, h, w] to tfjs's [h, w, c, 1], and back. */
const depthwise = { toTfjs: [2, 3, 0, 1], fromTfjs: [2, 3, 0, 1] } as const;

/** From PyTorch's layout to tfjs's. Dense weights [o, i] become 1x1 convolutions. */
export function toTfjs({ name, shape }: ModelTensor, data: Float32Array): Values {
  if (shape.length === 1) return { shape: [...shape], data };
  return permute(data, fourAxes(shape), axesOf(name).toTfjs);
}

/** From tfjs's layout to PyTorch's. */
export function fromTfjs({ name, shape }: ModelTensor, data: Float32Array): Float32Array {
  if (shape.length === 1) return data;
  const axes = axesOf(name);
  const stored = axes.toTfjs.map((axis) => fourAxes(shape)[axis]) as unknown as Axes;
  return permute(data, stored, axes.fromTfjs).data;
}

const axesOf = (name: string) => (name.endsWith('.depsep.conv.weight') ? depthwise : convolution);

const fourAxes = ([o, i, h = 1, w = 1]: readonly number[]): Axes => [o as number, i as number, h, w];

/** Reorders axes: axis a of the result is axis `axes[a]` of the source. */
function permute(source: Float32Array, shape: Axes, axes: Axes): Values {
  const strides: Axes = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
  const [n0, n1, n2, n3] = axes.map((axis) => shape[axis]) as unknown as Axes;
  const [s0, s1, s2, s3] = axes.map((axis) => strides[axis]) as unknown as Axes;
  const data = new Float32Array(source.length);
  let out = 0;
  for (let a = 0; a < n0; a++)
    for (let b = 0; b < n1; b++)
      for (let c = 0; c < n2; c++)
        for (let d = 0; d < n3; d++) data[out++] = source[a * s0 + b * s1 + c * s2 + d * s3] as number;
  return { shape: [n0, n1, n2, n3], data };
}
