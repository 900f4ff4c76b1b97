const DEPTH = 16;

/**
 * Makes numbers, texts, lists and objects of these unchangeable, all the way down. Returns what else there is among them,
 * as words; undefined where there is nothing: then the value crosses threads, and gives the same JSON on all of them.
 */
export function freezePlain(value: unknown): string | undefined {
  return isFrozenPlain(value, 0) ? undefined : describeOther(value, '', 0);
}

/** What was drawn, value by value: a number or a text alone has no name of its own. */
export const namedValues = (values: unknown): [name: string, value: unknown][] =>
  typeof values === 'object' ? Object.entries(values ?? {}) : [['drawn', values]];

/** For every sample: finds no words for what it finds. */
function isFrozenPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return isPlainLeaf(value);
  // views cannot be frozen
  if (!isPlainObject(value)) return ArrayBuffer.isView(value);
  if (depth === DEPTH) return false;
  Object.freeze(value);
  for (const key in value)
    if (!isFrozenPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  return true;
}

function describeOther(value: unknown, place: string, depth: number): string | undefined {
  const at = place === '' ? '' : ` as ${place}`;
  if (typeof value !== 'object' || value === null)
    return isPlainLeaf(value) ? undefined : `a ${typeof value}${at}`;
  if (!isPlainObject(value))
    return ArrayBuffer.isView(value) ? undefined : `a ${value.constructor?.name ?? 'nameless object'}${at}`;
  if (depth === DEPTH) return `more than ${DEPTH} levels${at}`;
  // ends with the first: an object that holds itself twice has 2 ** 16 others
  for (const [key, part] of Object.entries(value)) {
    const other = describeOther(part, place === '' ? key : `${place}.${key}`, depth + 1);
    if (other !== undefined) return other;
  }
  return undefined;
}

const isPlainLeaf = (value: unknown): boolean =>
  value === null || (typeof value !== 'function' && typeof value !== 'bigint' && typeof value !== 'symbol');

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || Array.isArray(value) || prototype === null;
}
