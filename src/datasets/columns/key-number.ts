import { hash } from 'node:crypto';

/** The first 32 bits of the SHA-256 of a key (UTF-8), big-endian: the same on every machine and from every source. */
export const keyNumber = (key: string): number => Number.parseInt(hash('sha256', key).slice(0, 8), 16);
