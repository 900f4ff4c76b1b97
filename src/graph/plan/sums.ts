import { columnSums } from '../../../backends/tensor-kernels/column-sums/column-sums.ts';
import type { Epilogue } from '../../../backends/tensor-kernels/epilogue.ts';
import { isSame, type Lazy, output, replaceLoad, viewsOf } from '../../../backends/tensor-kernels/lazy.ts';
import { sampleSums } from '../../../backends/tensor-kernels/sample-sums/sample-sums.ts';
import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { EpilogueSpec, TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { channelsOf, type Node, rowsOf, type Shape } from '../node.ts';
import { extentOf, type Lowering } from './lowering.ts';
import { partsOf } from './split.ts';

/** Sums over a tensor's rows, in parts: `parts` [count, 2, channels]. */
export interface PartialSums {
  readonly parts: View;
  readonly count: number;
  /** Rows of a part; the last may have fewer. */
  readonly chunk: number;
}

/** Mean and squared distances of what a convolution computes, taken while it is computed. */
export function moments(plan: Lowering, z: View): PartialSums {
  const call = plan.maker(z.tensor);
  if (call?.kernel.epilogue === undefined || call.epilogue !== undefined)
    throw new Error(`${z.tensor.name}: batch norm stands after a convolution`);
  const sums = partsOfOutput(plan, call);
  call.epilogue = { kind: 'moments', parts: sums.parts };
  return sums;
}

function partsOfOutput(plan: Lowering, { kernel, parameters, label }: TensorCall): PartialSums {
  const { rows, width, chunk: chunkName } = kernel.epilogue as EpilogueSpec;
  const [chunk, channels] = [parameters[chunkName] as number, 4 * (parameters[width] as number)];
  const count = partsOf(parameters[rows] as number, chunk);
  const parts = plan.tensor(`sums of ${label}`, 'parts of sums', count * 2 * channels);
  return { parts: viewOf(parts), count, chunk };
}

/**
 * Sums over all rows of two lazy values. Where one of the tensors that they read is the output of a call that can take sums
 * while it computes, that call takes them; else they are a pass of their own.
 */
export function sumsOverRows(plan: Lowering, node: Node, terms: readonly [Lazy, Lazy]): PartialSums {
  return sumsOfOutput(plan, node.shape, terms) ?? sumsByThemselves(plan, node, terms);
}

function sumsOfOutput(plan: Lowering, shape: Shape, terms: readonly [Lazy, Lazy]): PartialSums | undefined {
  for (const view of terms.flatMap(viewsOf)) {
    const call = plan.maker(view.tensor);
    if (call === undefined || !isOutput(call, view, shape)) continue;
    const ofOutput = terms.map((term) => replaceLoad(term, view, output)) as [Lazy, Lazy];
    const sums = partsOfOutput(plan, call);
    const epilogue: Epilogue = { kind: 'sums', terms: ofOutput, parts: sums.parts };
    const others = ofOutput.flatMap(viewsOf);
    if (!plan.isKnownBefore(call, others) || !plan.hasRoomFor(call, [], epilogue)) continue;
    call.epilogue = epilogue;
    return sums;
  }
  return undefined;
}

/** Whether the call computes the view, in that shape, and can take sums of it. */
function isOutput({ kernel, operands, epilogue, parameters }: TensorCall, view: View, shape: Shape): boolean {
  if (kernel.epilogue === undefined || epilogue !== undefined) return false;
  const { of, rows, width } = kernel.epilogue;
  const isSameShape = parameters[rows] === rowsOf(shape) && parameters[width] === channelsOf(shape) / 4;
  return isSameShape && isSame(operands[of] as View, view);
}

function sumsByThemselves(plan: Lowering, { name, shape }: Node, [first, second]: readonly [Lazy, Lazy]) {
  const extent = extentOf(shape);
  const chunk = plan.device.split.columns(shape);
  const count = partsOf(extent.rows, chunk);
  const tensor = plan.tensor(`sums of ${name}`, 'parts of sums', count * 2 * channelsOf(shape));
  const parts = viewOf(tensor);
  plan.emit({
    kernel: columnSums,
    label: name,
    work: 'batch norm sums',
    operands: { first, second, parts },
    parameters: { ...extent, chunk },
  });
  return { parts, count, chunk };
}

/** Sums over each sample's rows: [sums, samples, channels], those of a caller from `first` on. */
export interface SampleSums {
  readonly tensor: Tensor;
  readonly first: number;
}

/** A pass over `shape` that sums lazy values for each sample. */
export function sumsOfSamples(
  plan: Lowering,
  { name, shape }: Node,
  terms: readonly Lazy[],
  work: string,
): SampleSums {
  const tensor = plan.tensor(`sums of ${name}`, 'vectors', terms.length * planeOf(shape));
  const out = viewOf(tensor);
  const operands = Object.fromEntries(terms.map((term, i) => [`terms${i}`, term]));
  const parameters = { ...extentOf(shape), samples: shape[0] as number };
  // the view is made when all terms are known
  const call: TensorCall = { kernel: sampleSums, label: name, work, operands, parameters };
  call.operands['out'] = out;
  plan.emit(call);
  return { tensor, first: 0 };
}

const MOST_TERMS = 6;

/** The same, of terms that an earlier pass takes with its own where it reads the same tensors. */
export function moreSumsOfSamples(
  plan: Lowering,
  node: Node,
  terms: readonly Lazy[],
  work: string,
): SampleSums {
  const views = terms.flatMap(viewsOf);
  const found = plan.calls.findLast((call) => canSum(plan, call, node.shape, terms, views));
  if (found === undefined) return sumsOfSamples(plan, node, terms, work);
  const { tensor } = found.operands['out'] as View;
  const first = termsOf(found).length;
  for (const [i, term] of terms.entries()) found.operands[`terms${first + i}`] = term;
  tensor.size += terms.length * planeOf(node.shape);
  found.operands['out'] = viewOf(tensor);
  return { tensor, first };
}

function canSum(
  plan: Lowering,
  call: TensorCall,
  shape: Shape,
  terms: readonly Lazy[],
  views: readonly View[],
): boolean {
  if (call.kernel !== sampleSums || termsOf(call).length + terms.length > MOST_TERMS) return false;
  const { rows, c4, sampleRows } = extentOf(shape);
  const { parameters } = call;
  const isSameShape =
    parameters['rows'] === rows && parameters['c4'] === c4 && parameters['sampleRows'] === sampleRows;
  if (!isSameShape || !plan.isKnownBefore(call, views)) return false;
  const read = termsOf(call).flatMap(([, term]) => viewsOf(term as Lazy));
  // a tensor that it does not read would be read for nothing else
  return views.every((view) => read.some((other) => isSame(other, view))) && plan.hasRoomFor(call, views);
}

const termsOf = ({ operands }: TensorCall) =>
  Object.entries(operands).filter(([name]) => /^terms\d/.test(name));
const planeOf = (shape: Shape): number => (shape[0] as number) * channelsOf(shape);
