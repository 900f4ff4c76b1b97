import { mebibytes } from './mebibytes.ts';

/** A large number of bytes as people read it: `4.5 GiB`, below a tenth of that `12.5 MiB`. */
export function gibibytes(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib < 0.1 ? mebibytes(bytes) : `${gib.toFixed(1)} GiB`;
}
