import type { NamedTensor } from '../../core/trainer.ts';
import { bytesPerNumber, type NumberType, widened } from '../widen.ts';
import { damaged } from './damaged.ts';

/** A type of numbers as torch names its storages; `undefined` for integers, which no weight is. */
export class StorageType {
  readonly name: string;
  readonly numbers: NumberType | undefined;

  constructor(name: string, numbers: NumberType | undefined) {
    this.name = name;
    this.numbers = numbers;
  }
}

/** Numbers in the file, of which tensors are views. */
export class Storage {
  readonly type: StorageType;
  /** Name of the entry with its bytes. */
  readonly key: string;

  constructor(type: StorageType, key: string) {
    this.type = type;
    this.key = key;
  }
}

/** What a file says of a tensor. Nothing is allocated for it before somebody wants it. */
export class TensorPlan {
  readonly storage: Storage;
  /** Of the first number, in numbers, as are the strides. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: unknown, offset: unknown, shape: unknown, strides: unknown) {
    if (!(storage instanceof Storage)) throw damaged('a tensor without a storage');
    if (!isSizes([offset]) || !isSizes(shape) || !isSizes(strides) || shape.length !== strides.length)
      throw damaged('a tensor whose offset, shape and strides are no sizes');
    this.storage = storage;
    this.offset = offset as number;
    this.shape = shape;
    this.strides = strides;
  }

  /** How many numbers it has. */
  get length(): number {
    // none of infinitely many is none
    return this.shape.includes(0) ? 0 : this.shape.reduce((product, size) => product * size, 1);
  }

  /** Numbers of the storage from its first to its last, those between that are not its own included. */
  get span(): number {
    const { shape, strides } = this;
    if (shape.includes(0)) return 0;
    return shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] as number), 1);
  }
}

/** PyTorch's own limit. */
const MOST_AXES = 64;

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.length <= MOST_AXES &&
  value.every((size) => Number.isSafeInteger(size) && size >= 0);

/**
 * The tensor in float32, row by row, whatever its strides are (models in channels_last have others).
 *
 * @param stored the bytes of its storage, of which it has been checked that they hold the tensor
 */
export function readTensor(plan: TensorPlan, stored: Uint8Array): NamedTensor {
  const { storage, offset, shape, span } = plan;
  const numbers = storage.type.numbers as NumberType;
  const width = bytesPerNumber[numbers];
  const values = widened(numbers, stored.subarray(offset * width, (offset + span) * width));
  return { shape, data: isContiguous(plan) ? values : gathered(plan, values) };
}

/** Throws unless the bytes of the storage hold the tensor, each of its numbers once. */
export function checkStored(name: string, plan: TensorPlan, stored: Uint8Array): void {
  const { storage, offset, span, length } = plan;
  const width = bytesPerNumber[storage.type.numbers as NumberType];
  if (span > 0 && !((offset + span) * width <= stored.length))
    throw damaged(`${name}: ends beyond its ${stored.length} bytes`);
  // as an expanded tensor has them: one number many times
  if (length > span) throw damaged(`${name}: its numbers overlap: save it with .contiguous()`);
}

function isContiguous({ shape, strides, length }: TensorPlan): boolean {
  let expected = length;
  return shape.every((size, axis) => {
    expected /= size;
    // of an axis of one row no stride is taken
    return size === 1 || length === 0 || strides[axis] === expected;
  });
}

/** The numbers in the order of the shape; `numbers` begin with the first one. */
function gathered({ shape, strides, length }: TensorPlan, numbers: Float32Array): Float32Array {
  const place = shape.map(() => 0);
  const data = new Float32Array(length);
  let index = 0;
  for (let i = 0; i < length; i++) {
    data[i] = numbers[index] as number;
    // one further, as an odometer does
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      place[axis] = (place[axis] as number) + 1;
      index += stride;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      index -= stride * (shape[axis] as number);
      place[axis] = 0;
    }
  }
  return data;
}
