import { inputsOf, type Lazy, load } from '../../tensor-kernels/lazy.ts';
import type { StepNumbers } from '../../tensor-kernels/program.ts';
import type { View } from '../../tensor-kernels/tensor.ts';
import {
  isLazy,
  type Numbers,
  numbersOf,
  type OperandSpec,
  type StepNumber,
  type TensorCall,
} from '../../tensor-kernels/tensor-kernel.ts';
import { type Places, putLazy } from './lazy-block.ts';

/** A call as threads make it: plain data. */
export interface PlacedCall {
  /** The module's export. */
  readonly export: string;
  /** Where its words are (wasm-call.as.ts). */
  readonly address: number;
  /** Its grid of tiles. */
  readonly columns: number;
  readonly rows: number;
}

/** A parameter that differs from step to step, and where it stands. */
export interface StepPlace {
  readonly number: StepNumber;
  readonly address: number;
}

export interface EncodedCall {
  readonly call: PlacedCall;
  readonly stepPlaces: readonly StepPlace[];
  /** Bytes of scratch memory that a tile may take. */
  readonly scratch: number;
}

/** Writes a call's words to memory. */
export function encodeCall(call: TensorCall, places: Places): EncodedCall {
  const { kernel } = call;
  const p = numbersOf(call, noStep);
  const { wasm } = kernel;
  const [columns, rows] = wasm.tiles(p);
  const parameters = Object.keys(kernel.parameters);
  const words = [
    putEpilogue(call, places),
    columns,
    ...Object.keys(kernel.operands).map((name) => putOperand(call, name, places)),
    ...parameters.map((name) =>
      kernel.parameters[name] === 'f32' ? floatBits(p[name]) : (p[name] as number),
    ),
    ...(kernel.constants ?? []).map((name) => p[name] as number),
    ...(wasm.elementOf === undefined ? [] : [isHalf(call.operands[wasm.elementOf] as View)]),
  ];
  const address = places.put(words);
  const first = 2 + Object.keys(kernel.operands).length;
  const stepPlaces = parameters.flatMap((name, i) => {
    const number = call.parameters[name];
    return typeof number === 'string' ? [{ number, address: address + 4 * (first + i) }] : [];
  });
  return {
    call: { export: exportOf(kernel.name), address, columns, rows },
    stepPlaces,
    scratch: scratchOf(call, p),
  };
}

const noStep: StepNumbers = { learningRate: 0, bodyLearningRate: 0, lossFactor: 0, averageDecay: 0 };

const exportOf = (name: string): string =>
  name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function putOperand({ kernel, operands }: TensorCall, name: string, places: Places): number {
  const spec: OperandSpec = kernel.operands[name];
  if (spec.isList !== true) {
    const operand = operands[name];
    return operand === undefined ? 0 : placeOf(operand, spec, places);
  }
  const listed = Object.keys(operands).filter((one) => one.replace(/\d+$/, '') === name);
  const addresses = listed.map((one) => placeOf(operands[one] as View | Lazy, spec, places));
  return places.put([listed.length, ...addresses]);
}

/** Where a lazy value may stand, a stored one is a lazy value too. */
function placeOf(operand: View | Lazy, { lazy }: OperandSpec, places: Places): number {
  if (isLazy(operand)) return putLazy(operand, places);
  return lazy === undefined ? places.addressOf(operand) : putLazy(load(operand), places);
}

const isHalf = ({ tensor }: View): number => Number(tensor.element === 'f16');

function putEpilogue({ kernel, operands, epilogue }: TensorCall, places: Places): number {
  if (epilogue === undefined) return 0;
  const out = operands[kernel.epilogue?.of as string] as View;
  const [first, second] = epilogue.kind === 'sums' ? epilogue.terms : [{ kind: 'output' } as const];
  return places.put([
    places.addressOf(epilogue.parts),
    putLazy(first, places, out),
    second === undefined ? 0 : putLazy(second, places, out),
  ]);
}

const converter = new DataView(new ArrayBuffer(4));

function floatBits(value: number | undefined): number {
  converter.setFloat32(0, value as number);
  return converter.getUint32(0);
}

/** What describes a tile, rounded up. */
const TILE_BYTES = 64;

/** The kernel's own, and for each lazy value and each it is computed from room for a tile's rows. */
function scratchOf({ kernel, operands, epilogue }: TensorCall, p: Numbers): number {
  const tileRows = kernel.wasm.tileRows?.(p) ?? 0;
  const bytesOf = (lazy: Lazy, width: string): number =>
    countOf(lazy) * (TILE_BYTES + (tileRows + 1) * 16 * (p[width] as number));
  let total = kernel.wasm.scratch?.(p) ?? 0;
  for (const [name, operand] of Object.entries(operands))
    if (isLazy(operand)) total += bytesOf(operand, kernel.operands[name.replace(/\d+$/, '')].lazy.width);
  if (epilogue !== undefined && kernel.epilogue !== undefined)
    for (const term of epilogue.kind === 'sums' ? epilogue.terms : [{ kind: 'output' } as const])
      total += bytesOf(term, kernel.epilogue.width);
  return total + TILE_BYTES;
}

const countOf = (lazy: Lazy): number => 1 + inputsOf(lazy).reduce((sum, one) => sum + countOf(one), 0);
