import { thresholdsSize } from '../../../backends/tensor-kernels/image-thresholds.ts';
import { integerVectorRows, LOOKUP_SIZE, PAIR_SIZE } from '../../../backends/tensor-kernels/integers.ts';
import { channelsOf, expectShape, type NodeKind, type Shape } from '../node.ts';
import { expectImages } from './convolution.ts';

// Kinds of a graph on integers of int8 (backends/tensor-kernels/integers.ts). None has a derivative: such a graph is evaluated alone.

/** Images [n, h, w, 3] as integers, by thresholds. */
export const quantizeImages: NodeKind<object> = {
  name: 'quantizeImages',
  shape([images, thresholds = []]) {
    expectImages(images, 'images [n, h, w, 3] and thresholds');
    expectShape(thresholds[0] === thresholdsSize, `thresholds [${thresholdsSize}]`);
    return images;
  },
};

/** Integers from sums of products [..., c], by vectors [3, c]. */
export const requantize: NodeKind<object> = {
  name: 'requantize',
  shape([x = [], vectors = []]) {
    const isRight = vectors[0] === integerVectorRows && vectors[1] === channelsOf(x);
    expectShape(isRight, `x [..., c] and vectors [${integerVectorRows}, c]`);
    return x;
  },
};

/** float32 from sums of products [..., c], by a channel's factor: the first row of vectors [8, c], the others are 0. */
export const rescale: NodeKind<object> = { name: 'rescale', shape: ([x = []]) => x };

/** What a table has for each integer. */
export const lookup: NodeKind<object> = {
  name: 'lookup',
  shape([x = [], table = []]) {
    expectShape(table[0] === LOOKUP_SIZE, `x and a table [${LOOKUP_SIZE}]`);
    return x;
  },
};

/** What a table has for the integers of two tensors of one shape. */
export const lookupPair: NodeKind<object> = {
  name: 'lookupPair',
  shape([a = [], b = [], table = []]) {
    const isSame = a.length === b.length && a.every((size, i) => size === b[i]);
    expectShape(isSame && table[0] === PAIR_SIZE, `two of one shape and a table [${PAIR_SIZE}]`);
    return a;
  },
};

/** Sum over the pixels of each sample: [n, h, w, c] to [n, c]. */
export const spatialSum: NodeKind<object> = {
  name: 'spatialSum',
  shape([x]): Shape {
    expectImages(x, 'images [n, h, w, c]');
    return [x[0] as number, channelsOf(x)];
  },
};
