import { add } from '../graph/kinds/add.ts';
import { batchNorm } from '../graph/kinds/batch-norm.ts';
import { dense } from '../graph/kinds/dense.ts';
import { scaleChannels } from '../graph/kinds/scale-channels.ts';
import { silu } from '../graph/kinds/silu.ts';
import { spatialMean } from '../graph/kinds/spatial-mean.ts';
import { squeezeExcite } from '../graph/kinds/squeeze-excite.ts';
import type { Node, NodeKind } from '../graph/node.ts';
import type { ModelWriter } from './model-writer.ts';
import { writeConvolution } from './nodes/convolution.ts';
import { writeDense } from './nodes/dense.ts';
import { writeAdd, writeScaleChannels, writeSilu, writeSpatialMean } from './nodes/elementwise.ts';
import { writeSqueezeExcite } from './nodes/squeeze-excite.ts';

type WriteNode = (node: Node<never>, writer: ModelWriter) => void;

/** How a kind of node becomes nodes of ONNX. Convolutions are written by the batch norms that follow them. */
export const nodeWriters: ReadonlyMap<NodeKind<never>, WriteNode> = new Map<NodeKind<never>, WriteNode>([
  [batchNorm, writeConvolution],
  [silu, writeSilu],
  [spatialMean, writeSpatialMean],
  [squeezeExcite, writeSqueezeExcite],
  [scaleChannels, writeScaleChannels],
  [add, writeAdd],
  [dense, writeDense],
]);
