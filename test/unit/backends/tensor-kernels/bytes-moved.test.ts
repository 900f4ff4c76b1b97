import { describe, expect, it } from 'vitest';
import { bytesMoved } from '../../../../backends/tensor-kernels/bytes-moved.ts';
import { load, multiply, normalize, output, silu } from '../../../../backends/tensor-kernels/lazy.ts';
import { type Element, type View, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { defineTensorKernel, type TensorCall } from '../../../../backends/tensor-kernels/tensor-kernel.ts';

const kernel = defineTensorKernel({
  name: 'some',
  operands: {
    a: { access: 'read', width: 4 },
    b: { access: 'read', width: 4 },
    out: { access: 'write', width: 4 },
    sum: { access: 'update', width: 4 },
    part: { access: 'read', width: 4, isList: true },
  },
  parameters: {},
  workgroups: () => [1, 1, 1],
  reference: () => {},
  wgsl: () => '',
  wasm: { tiles: () => [1, 1] },
});

const view = (name: string, size: number, element: Element = 'f32'): View =>
  viewOf({ name, purpose: 'activations', element, size });
const moved = (operands: TensorCall['operands'], isMixed = false, epilogue?: TensorCall['epilogue']) =>
  bytesMoved(
    { kernel, label: '', work: '', operands, parameters: {}, ...(epilogue && { epilogue }) },
    isMixed,
  );

describe('the bytes that a call moves', () => {
  it('are those of what it reads and of what it writes, by their elements', () => {
    expect(moved({ a: view('a', 8), b: view('b', 8, 'f16'), out: view('out', 4, 'u32') })).toBe(64);
    const stored = { a: view('a', 8, 'store') };
    expect(moved(stored)).toBe(32);
    expect(moved(stored, true)).toBe(16);
  });

  it('count twice what is added to', () => {
    expect(moved({ sum: view('sum', 8) })).toBe(64);
  });

  it('count once what two operands read, and apart what one reads and another writes', () => {
    const shared = view('shared', 8);
    expect(moved({ a: shared, b: load(shared) })).toBe(32);
    expect(moved({ a: shared, out: shared })).toBe(64);
  });

  it('count each of a list', () => {
    expect(moved({ part0: view('x', 4), part1: view('y', 8) })).toBe(48);
  });

  it('count all that a lazy value is computed from', () => {
    const [x, vectors, factors] = [view('x', 8), view('vectors', 16), view('factors', 4)];
    const scaled = multiply(silu(normalize(load(x), vectors)), load(factors));
    expect(moved({ a: scaled, out: view('out', 8) })).toBe(4 * (8 + 16 + 4 + 8));
  });

  it('count what sums of the output read and write', () => {
    const [x, parts] = [view('x', 8), view('parts', 4)];
    const sums = { kind: 'sums', terms: [output, multiply(output, load(x))], parts } as const;
    expect(moved({ out: view('out', 8) }, false, sums)).toBe(4 * (8 + 8 + 4));
    expect(moved({ out: view('out', 8) }, false, { kind: 'moments', parts })).toBe(4 * (8 + 4));
  });
});
