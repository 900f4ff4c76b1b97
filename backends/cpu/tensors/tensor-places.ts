import { BackendError } from '../../../src/core/errors.ts';
import type { TensorProgram } from '../../tensor-kernels/program.ts';
import { elementBytes, type Tensor, type View } from '../../tensor-kernels/tensor.ts';
import type { SharedMemory } from './shared-memory.ts';

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** Where tensors lie in memory. They stay there; those of a program's allocations share memory, with other programs' too. */
export class TensorPlaces {
  readonly #memory: SharedMemory;
  readonly #addresses = new Map<Tensor, number>();
  /** What programs share, the largest first. */
  readonly #shared: Block[] = [];

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Makes room for a program's tensors: all that are not there yet, or none. */
  allocate({ tensors, allocations }: Pick<TensorProgram, 'tensors' | 'allocations'>): void {
    const shared = new Set(allocations.flat());
    const own = tensors.filter((tensor) => !shared.has(tensor) && !this.#addresses.has(tensor));
    // the largest first, so that programs of other sizes share what is there
    const wanted = allocations
      .map((list) => ({ list, bytes: Math.max(...list.map(bytesOf)) }))
      .sort((a, b) => b.bytes - a.bytes);
    const missing = wanted.filter(({ bytes }, i) => !((this.#shared[i]?.bytes ?? 0) >= bytes));
    const sizes = [...own.map(bytesOf), ...missing.map(({ bytes }) => bytes)];
    const addresses = this.#memory.reserveAll(sizes);
    for (const [i, tensor] of own.entries()) this.#addresses.set(tensor, addresses[i] as number);
    for (const [i, { bytes }] of missing.entries())
      this.#shared.push({ address: addresses[own.length + i] as number, bytes });
    this.#shared.sort((a, b) => b.bytes - a.bytes);
    for (const [i, { list }] of wanted.entries())
      for (const tensor of list) this.#addresses.set(tensor, (this.#shared[i] as Block).address);
  }

  addressOf({ tensor, offset }: View): number {
    const address = this.#addresses.get(tensor);
    if (address === undefined)
      throw new BackendError('UNKNOWN_TENSOR', `cpu: ${tensor.name} belongs to no prepared program`);
    return address + offset * elementBytes(tensor.element, false);
  }
}

/** Kernels may read a group of 4 values that begins within a tensor. */
const bytesOf = ({ size, element }: Tensor): number =>
  Math.ceil((size * elementBytes(element, false)) / 16) * 16;
