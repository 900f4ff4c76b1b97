import { DataError } from '../../core/errors.ts';

/** More shards than anybody has: a mistyped range must not fill the memory. */
const MAX_PATHS = 1 << 20;

const list = /\{(?:(\d+)\.\.(\d+)|([^{}]*,[^{}]*))\}/;

/** Whether a path has a list in braces: `{000..009}` or `{a,b}`. Other braces are a part of the name. */
export const hasBraceList = (path: string): boolean => list.test(path);

/**
 * The paths that a path with lists in braces stands for, as a shell would write them, the last list running fastest:
 * `{000..009}` counts with as many digits as its longer end has, if either begins with a zero; `{a,b}` names each.
 */
export function expandBraces(path: string): string[] {
  return expand(path, path);
}

function expand(path: string, whole: string): string[] {
  const match = list.exec(path);
  if (match === null) return [path];
  const [braces, first, last, names] = match;
  const words = names === undefined ? range(first as string, last as string, whole) : names.split(',');
  const before = path.slice(0, match.index);
  const rests = expand(path.slice(match.index + braces.length), whole);
  checkCount(words.length * rests.length, whole);
  return words.flatMap((word) => rests.map((rest) => `${before}${word}${rest}`));
}

function range(first: string, last: string, whole: string): string[] {
  const [start, end] = [Number(first), Number(last)];
  const count = Math.abs(end - start) + 1;
  checkCount(count, whole);
  const isPadded = [first, last].some((text) => text.length > 1 && text.startsWith('0'));
  const digits = isPadded ? Math.max(first.length, last.length) : 0;
  const step = start <= end ? 1 : -1;
  return Array.from({ length: count }, (_, i) => String(start + i * step).padStart(digits, '0'));
}

function checkCount(count: number, path: string): void {
  if (count <= MAX_PATHS) return;
  throw new DataError('TOO_MANY_SHARDS', `${path}: stands for ${count} paths (at most ${MAX_PATHS})`);
}
