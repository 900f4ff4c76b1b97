import { add } from '../graph/kinds/add.ts';
import { batchNorm } from '../graph/kinds/batch-norm.ts';
import { dense } from '../graph/kinds/dense.ts';
import { quantize } from '../graph/kinds/quantize.ts';
import { scaleChannels } from '../graph/kinds/scale-channels.ts';
import { sigmoid } from '../graph/kinds/sigmoid.ts';
import { silu } from '../graph/kinds/silu.ts';
import { spatialMean } from '../graph/kinds/spatial-mean.ts';
import type { Node, NodeKind } from '../graph/node.ts';
import type { ModelWriter } from './model-writer.ts';
import { writeConvolution } from './nodes/convolution.ts';
import { writeDense } from './nodes/dense.ts';
import {
  writeAdd,
  writeQuantize,
  writeScaleChannels,
  writeSigmoid,
  writeSilu,
  writeSpatialMean,
} from './nodes/elementwise.ts';

type WriteNode = (node: Node<never>, writer: ModelWriter) => void;

/** How a kind of node becomes nodes of ONNX. Convolutions are written by the batch norms that follow them. */
export const nodeWriters: ReadonlyMap<NodeKind<never>, WriteNode> = new Map<NodeKind<never>, WriteNode>([
  [batchNorm, writeConvolution],
  [silu, writeSilu],
  [sigmoid, writeSigmoid],
  [spatialMean, writeSpatialMean],
  [scaleChannels, writeScaleChannels],
  [add, writeAdd],
  [dense, writeDense],
  [quantize, writeQuantize],
]);
