import type { Numbers } from './tensor-kernel.ts';

/** A CPU's tiles of what is computed for each channel alone: blocks of 64 (see channel-pairs.as.ts). */
export const blocksOfChannels = ({ c4 }: Numbers<'c4'>): [number, number] => [Math.ceil(c4 / 16), 1];
