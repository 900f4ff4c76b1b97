import fc from 'fast-check';
import {
  add,
  type Lazy,
  load,
  multiply,
  normalize,
  one,
  overRows,
  perSample,
  quantize,
  rescale,
  sampleFactor,
  sigmoid,
  sigmoidSlope,
  silu,
  siluSlope,
  standardize,
  unnormalize,
  withinRange,
} from '../../backends/tensor-kernels/lazy.ts';
import { tensor } from './kernel-calls.ts';

/** A lazy value whose size is not known yet: with a row for each row or, within `perSample`, for each sample. */
type Tree = (size: TreeSize) => Lazy;

interface TreeSize {
  readonly samples: number;
  readonly sampleRows: number;
  readonly channels: number;
}

const rowsOf = ({ samples, sampleRows }: TreeSize): number => samples * sampleRows;
const names = fc.constantFrom('a', 'b', 'c');
const vectorsOf = (name: string, { channels }: TreeSize) => tensor(`vectors ${name}`, 'f32', 8 * channels);

/** A stored value rounded to a coarse range of powers of 2: exactly, since elsewhere ties would be up to the last bit. */
const rounded = fc.tuple(names, fc.constantFrom(quantize, withinRange)).map(
  ([name, kind]): Tree =>
    (size) => {
      const range = tensor('range', 'f32', 4, (i) => [0.125, 8, 5, 5.5][i] as number);
      return kind(load(tensor(name, 'f32', rowsOf(size) * size.channels)), range);
    },
);

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  rounded,
  names.map(
    (name): Tree =>
      (size) =>
        load(tensor(name, 'f32', rowsOf(size) * size.channels)),
  ),
  names.map(
    (name): Tree =>
      (size) =>
        sampleFactor(tensor(`factors ${name}`, 'f32', size.samples)),
  ),
  fc.constant<Tree>(() => one),
);

const ofOne = (of: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> =>
  fc.oneof(
    ...[silu, siluSlope, sigmoid, sigmoidSlope, overRows].map((kind) =>
      of.map(
        (x): Tree =>
          (size) =>
            kind(x(size)),
      ),
    ),
    ...[normalize, standardize, rescale].map((kind) =>
      fc.tuple(of, names).map(
        ([x, name]): Tree =>
          (size) =>
            kind(x(size), vectorsOf(name, size)),
      ),
    ),
    of.map(
      (x): Tree =>
        (size) =>
          perSample(x({ ...size, sampleRows: 1 })),
    ),
  );

const ofTwo = (of: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> =>
  fc.oneof(
    // as it is, and not as the function simplifies it
    fc.tuple(of, of).map(
      ([x, y]): Tree =>
        (size) => ({ kind: 'multiply', of: x(size), by: y(size) }),
    ),
    fc.tuple(of, of).map(
      ([x, y]): Tree =>
        (size) =>
          multiply(x(size), y(size)),
    ),
    fc.tuple(of, of).map(
      ([x, y]): Tree =>
        (size) =>
          add(x(size), y(size)),
    ),
    fc.tuple(of, of, names).map(
      ([g, x, name]): Tree =>
        (size) =>
          unnormalize(g(size), x(size), vectorsOf(name, size)),
    ),
  );

/** Lazy values of all kinds but an output, so many of them within each other. */
export function lazyTrees(depth: number): fc.Arbitrary<Tree> {
  if (depth === 0) return leaf;
  const inner = lazyTrees(depth - 1);
  return fc.oneof(
    { weight: 1, arbitrary: leaf },
    { weight: 3, arbitrary: ofOne(inner) },
    { weight: 4, arbitrary: ofTwo(inner) },
  );
}
