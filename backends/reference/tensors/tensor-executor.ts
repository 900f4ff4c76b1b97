import type { Lazy } from '../../tensor-kernels/lazy.ts';
import type { StepNumbers, TensorProgram } from '../../tensor-kernels/program.ts';
import type { Tensor, View } from '../../tensor-kernels/tensor.ts';
import { isLazy, type Numbers, numbersOf, type TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import { sumEpilogue } from './epilogue-sums.ts';
import { type Extent, lazyValues } from './lazy-values.ts';

/** Runs tensor programs in float64 by the kernels' scalar references: slow, always there, and the meaning. */
export class ReferenceTensorExecutor {
  readonly #values = new Map<Tensor, Float64Array>();

  /** The view's values, to be read or written. */
  values({ tensor, offset, size }: View): Float64Array {
    const known = this.#values.get(tensor) ?? new Float64Array(tensor.size);
    this.#values.set(tensor, known);
    return known.subarray(offset, offset + size);
  }

  run<PhaseName extends string>(
    program: TensorProgram<PhaseName>,
    phases: readonly PhaseName[],
    step: StepNumbers,
  ): void {
    for (const phase of phases) {
      const { clears = [], copies = [], calls } = program.phases[phase];
      for (const view of clears) this.values(view).fill(0);
      for (const { from, to } of copies) this.values(to).set(this.values(from));
      for (const call of calls) this.call(call, step);
    }
  }

  call(call: TensorCall, step: StepNumbers): void {
    const { kernel, operands } = call;
    const p = numbersOf(call, step);
    const arrays: Record<string, Float64Array | Float64Array[]> = {};
    for (const [name, operand] of Object.entries(operands)) {
      const list = name.replace(/\d+$/, '');
      const isListed = kernel.operands[name] === undefined;
      const values = this.#operand(call, isListed ? list : name, operand, p);
      if (!isListed) arrays[name] = values;
      else arrays[list] = [...((arrays[list] as Float64Array[] | undefined) ?? []), values];
    }
    kernel.reference(arrays, p);
    this.#sumOutput(call, p);
  }

  #operand(call: TensorCall, name: string, operand: View | Lazy, p: Numbers): Float64Array {
    const { lazy } = call.kernel.operands[name];
    if (!isLazy(operand)) return this.values(operand);
    return lazyValues(operand, extentOf(lazy, p), (view) => this.values(view));
  }

  #sumOutput({ kernel, epilogue, operands }: TensorCall, p: Numbers): void {
    if (epilogue === undefined || kernel.epilogue === undefined) return;
    const extent = extentOf(kernel.epilogue, p);
    const output = this.values(operands[kernel.epilogue.of] as View);
    const valuesOf = (view: View) => this.values(view);
    const terms =
      epilogue.kind === 'moments'
        ? ([output, output] as const)
        : (epilogue.terms.map((term) => lazyValues(term, extent, valuesOf, output)) as [
            Float64Array,
            Float64Array,
          ]);
    sumEpilogue(epilogue, terms, extent, p[kernel.epilogue.chunk] as number, valuesOf(epilogue.parts));
  }
}

interface ExtentNames {
  readonly rows: string;
  readonly width: string;
  readonly sampleRows: string;
}

const extentOf = ({ rows, width, sampleRows }: ExtentNames, p: Numbers): Extent => ({
  rows: p[rows] as number,
  channels: 4 * (p[width] as number),
  sampleRows: p[sampleRows] as number,
});
