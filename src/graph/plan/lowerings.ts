import { add } from '../kinds/add.ts';
import { batchNorm, batchNormGradient } from '../kinds/batch-norm.ts';
import { binaryCrossEntropy } from '../kinds/binary-cross-entropy.ts';
import { crossEntropy, crossEntropyGradient } from '../kinds/cross-entropy.ts';
import { dense, denseGradient } from '../kinds/dense.ts';
import { depthwise, depthwiseGradient } from '../kinds/depthwise.ts';
import { lookup, lookupPair, quantizeImages, requantize, rescale, spatialSum } from '../kinds/integers.ts';
import { observe } from '../kinds/observe.ts';
import { pointwise, pointwiseGradient } from '../kinds/pointwise.ts';
import { quantize, quantizeGradient } from '../kinds/quantize.ts';
import { channelFactorsGradient, scaleChannels } from '../kinds/scale-channels.ts';
import { scaleFeatures } from '../kinds/scale-features.ts';
import { scaleSamples } from '../kinds/scale-samples.ts';
import { sigmoid, sigmoidGradient } from '../kinds/sigmoid.ts';
import { silu, siluGradient } from '../kinds/silu.ts';
import { spatialMean, spatialMeanGradient } from '../kinds/spatial-mean.ts';
import { squeezeExcite, squeezeExciteGradient } from '../kinds/squeeze-excite.ts';
import { stem, stemGradient } from '../kinds/stem.ts';
import { weightedCrossEntropy } from '../kinds/weighted-cross-entropy.ts';
import type { Node, NodeKind } from '../node.ts';
import { lowerAdd } from './lower/lower-add.ts';
import { lowerBatchNorm } from './lower/lower-batch-norm.ts';
import { lowerBatchNormGradient } from './lower/lower-batch-norm-gradient.ts';
import {
  lowerBinaryCrossEntropy,
  lowerCrossEntropy,
  lowerCrossEntropyGradient,
  lowerWeightedCrossEntropy,
} from './lower/lower-cross-entropy.ts';
import { lowerDense, lowerDenseGradient } from './lower/lower-dense.ts';
import { lowerDepthwise, lowerDepthwiseGradient } from './lower/lower-depthwise.ts';
import {
  lowerScaleChannels,
  lowerScaleFeatures,
  lowerScaleSamples,
  lowerSigmoid,
  lowerSigmoidGradient,
  lowerSilu,
  lowerSiluGradient,
  lowerSpatialMeanGradient,
} from './lower/lower-elementwise.ts';
import {
  lowerLookup,
  lowerLookupPair,
  lowerQuantizeImages,
  lowerRequantize,
  lowerRescale,
} from './lower/lower-integers.ts';
import { lowerPointwise, lowerPointwiseGradient } from './lower/lower-pointwise.ts';
import { lowerObserve, lowerQuantize, lowerQuantizeGradient } from './lower/lower-quantize.ts';
import {
  lowerChannelFactorsGradient,
  lowerSpatialMean,
  lowerSpatialSum,
} from './lower/lower-spatial-mean.ts';
import { lowerSqueezeExcite, lowerSqueezeExciteGradient } from './lower/lower-squeeze-excite.ts';
import { lowerStem, lowerStemGradient } from './lower/lower-stem.ts';
import type { Lowering } from './lowering.ts';

/** How a kind of node becomes calls of kernels, or a lazy value. */
export type Lower = (node: Node<never>, plan: Lowering) => void;

/** Inputs and parameters are there already. */
export const lowerings: ReadonlyMap<NodeKind<never>, Lower> = new Map<NodeKind<never>, Lower>([
  [stem, lowerStem],
  [stemGradient, lowerStemGradient],
  [pointwise, lowerPointwise],
  [pointwiseGradient, lowerPointwiseGradient],
  [depthwise, lowerDepthwise],
  [depthwiseGradient, lowerDepthwiseGradient],
  [batchNorm, lowerBatchNorm],
  [batchNormGradient, lowerBatchNormGradient],
  [silu, lowerSilu],
  [siluGradient, lowerSiluGradient],
  [sigmoid, lowerSigmoid],
  [sigmoidGradient, lowerSigmoidGradient],
  [quantize, lowerQuantize],
  [quantizeGradient, lowerQuantizeGradient],
  [observe, lowerObserve],
  [spatialMean, lowerSpatialMean],
  [spatialMeanGradient, lowerSpatialMeanGradient],
  [squeezeExcite, lowerSqueezeExcite],
  [squeezeExciteGradient, lowerSqueezeExciteGradient],
  [scaleChannels, lowerScaleChannels],
  [channelFactorsGradient, lowerChannelFactorsGradient],
  [scaleSamples, lowerScaleSamples],
  [scaleFeatures, lowerScaleFeatures],
  [add, lowerAdd],
  [dense, lowerDense],
  [denseGradient, lowerDenseGradient],
  [binaryCrossEntropy, lowerBinaryCrossEntropy],
  [crossEntropy, lowerCrossEntropy],
  [weightedCrossEntropy, lowerWeightedCrossEntropy],
  [crossEntropyGradient, lowerCrossEntropyGradient],
  [quantizeImages, lowerQuantizeImages],
  [requantize, lowerRequantize],
  [rescale, lowerRescale],
  [lookup, lowerLookup],
  [lookupPair, lowerLookupPair],
  [spatialSum, lowerSpatialSum],
]);
