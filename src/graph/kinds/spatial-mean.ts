import { channelsOf, type NodeKind, type Shape } from '../node.ts';
import { expectImages } from './convolution.ts';

/** [n, c] spread evenly over the pixels of `shape`. */
export const spatialMeanGradient: NodeKind<{ readonly shape: Shape }> = {
  name: 'spatialMeanGradient',
  shape: (_, { shape }) => shape,
};

/** Mean over the pixels of each sample: [n, h, w, c] to [n, c]. */
export const spatialMean: NodeKind<object> = {
  name: 'spatialMean',
  shape([x]) {
    expectImages(x, 'images [n, h, w, c]');
    return [x[0] as number, channelsOf(x)];
  },
  derivative: ({ name, inputs: [x] }, gradient, graph) => [
    graph.add(spatialMeanGradient, name, [gradient], { shape: x?.shape ?? [] }),
  ],
};
