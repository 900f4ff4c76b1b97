import type { NamedTensor, TensorMap } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { parametersOf, sizeOf } from '../../src/models/parameters.ts';

/** Where a vector's numbers begin, by the end of its name; they end 1 above. Of vectors, batch norm's alone are weights. */
const lowest = { '.weight': 0.5, running_var: 0.7 };

/**
 * Numbers (u * span + low) * factor, u in [0, 1) by the name and the index alone: FNV-1a, then murmur3's finalizer.
 * test/golden/efficientnet.py has the same.
 */
function numbers(name: string, count: number, span: number, low: number, factor: number): Float32Array {
  const seed = hashOf(name);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let x = (seed + Math.imul(i, 0x9e3779b1)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    const u = ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
    values[i] = (u * span + low) * factor;
  }
  return values;
}

/** FNV-1a of the name's bytes. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

export function formulaTensor(name: string, shape: readonly number[]): NamedTensor {
  const count = sizeOf(shape);
  if (shape.length > 1)
    return { shape, data: numbers(name, count, 2, -1, Math.sqrt(6 / sizeOf(shape.slice(1)))) };
  const low = Object.entries(lowest).find(([end]) => name.endsWith(end))?.[1] ?? -0.5;
  return { shape, data: numbers(name, count, 1, low, 1) };
}

/** Weights and running statistics of a model by the formula; `prefix` makes others. */
export function formulaWeights(model: EfficientNet, prefix = ''): TensorMap {
  const entries = parametersOf(model).map(({ name, shape }) => [name, formulaTensor(prefix + name, shape)]);
  return Object.fromEntries(entries);
}

/** Images [rows, size, size, 3] in -2..2. */
export function formulaImages(name: string, rows: number, size: number): Float32Array {
  return numbers(name, rows * size * size * 3, 4, -2, 1);
}
