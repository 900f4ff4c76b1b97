let scratch = Buffer.alloc(0);

/** Memory outside the heap that parts of files are put together in on this thread: at most 1.25 times the largest file. */
export const decodeScratchBytes = (): number => scratch.length;

/** So much of it. Its content is whatever was there. */
export function scratchFor(bytes: number): Buffer {
  if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(Math.ceil(bytes * 1.25));
  return scratch.subarray(0, bytes);
}
