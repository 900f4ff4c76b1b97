import { BackendError } from '../../../src/core/errors.ts';
import type { TensorProgram } from '../../tensor-kernels/program.ts';
import { elementBytes, type Tensor, type View } from '../../tensor-kernels/tensor.ts';
import { aligned, type SharedMemory } from './shared-memory.ts';

interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** Where tensors lie in memory. They stay there; those of a program's allocations share memory, with other programs' too. */
export class TensorPlaces {
  readonly #memory: SharedMemory;
  readonly #addresses = new Map<Tensor, number>();
  /** What programs share: each lays its allocations out there as if it were alone. */
  readonly #shared: Region[] = [];

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Makes room for a program's tensors: all that are not there yet, or none. */
  allocate({ tensors, allocations }: Pick<TensorProgram, 'tensors' | 'allocations'>): void {
    const shared = new Set(allocations.flat());
    const own = tensors.filter((tensor) => !shared.has(tensor) && !this.#addresses.has(tensor));
    // the largest first: the small ones fill what is left
    const wanted = allocations
      .map((list) => ({ list, bytes: Math.max(...list.map(bytesOf)) }))
      .sort((a, b) => b.bytes - a.bytes);
    const left = [...this.#shared];
    const placed = wanted.map(({ list, bytes }) => ({ list, bytes, address: take(left, bytes) }));
    const missing = placed.filter(({ address }) => address === undefined);
    const bytes = missing.reduce((sum, one) => sum + one.bytes, 0);
    const addresses = this.#memory.reserveAll([...own.map(bytesOf), bytes]);
    for (const [i, tensor] of own.entries()) this.#addresses.set(tensor, addresses[i] as number);
    const region = { address: addresses.at(-1) as number, bytes };
    if (bytes > 0) this.#shared.push(region);
    const added = [region];
    for (const { list, bytes, address = take(added, bytes) } of placed)
      for (const tensor of list) this.#addresses.set(tensor, address as number);
  }

  addressOf({ tensor, offset }: View): number {
    const address = this.#addresses.get(tensor);
    if (address === undefined)
      throw new BackendError('UNKNOWN_TENSOR', `cpu: ${tensor.name} belongs to no prepared program`);
    return address + offset * elementBytes(tensor.element, false);
  }
}

/** Takes so many bytes from the first region that has them left: their address; undefined where none has. */
function take(left: Region[], wanted: number): number | undefined {
  const i = left.findIndex(({ bytes }) => bytes >= wanted);
  const region = left[i];
  if (region === undefined) return undefined;
  left[i] = { address: region.address + wanted, bytes: region.bytes - wanted };
  return region.address;
}

/** Whole cache lines: no two threads write to the same, and kernels may read a group of 4 values that begins within a tensor. */
const bytesOf = ({ size, element }: Tensor): number => aligned(size * elementBytes(element, false));
