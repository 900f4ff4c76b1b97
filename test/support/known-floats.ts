import { known } from '../../backends/reference/tensors/known-tensor.ts';
import { type View, viewOf } from '../../backends/tensor-kernels/tensor.ts';

/** A float32 tensor of values that float16 need not have. */
export const knownFloats = (name: string, size: number, valueAt: (i: number) => number): View =>
  viewOf(
    known(
      name,
      'f32',
      Float64Array.from({ length: size }, (_, i) => Math.fround(valueAt(i))),
    ),
  );
