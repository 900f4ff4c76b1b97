/** An IDX file: elements of one byte, unless another type is named, and sizes outermost first. */
export function idxOf(sizes: readonly number[], data: Uint8Array | readonly number[], type = 8): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, type, sizes.length]);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Uint8Array.from(data)]);
}

/** `count` gray images of 3 x 2 (w x h), pixels counted through, with labels 0, 1, 2, 0, ... */
export function idxFiles(split: 'train' | 't10k', count: number): Record<string, Buffer> {
  const pixels = Array.from({ length: count * 6 }, (_, i) => i % 256);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  return {
    [`${split}-images-idx3-ubyte`]: idxOf([count, 2, 3], pixels),
    [`${split}-labels-idx1-ubyte`]: idxOf([count], labels),
  };
}
