const DEPTH = 16;

/**
 * Makes numbers, texts, lists and objects of these unchangeable, all the way down. Returns what else there is among them,
 * as words; undefined where there is nothing: then the value crosses threads, and is the same as JSON.
 */
export function freezePlain(value: unknown, place = '', depth = 0): string | undefined {
  if (isPlainLeaf(value)) return undefined;
  const at = place === '' ? '' : ` as ${place}`;
  if (typeof value !== 'object' || !isPlainObject(value)) return `${kindOf(value)}${at}`;
  if (depth === DEPTH) return `more than ${DEPTH} levels${at}`;
  Object.freeze(value);
  for (const [key, part] of Object.entries(value)) {
    const found = freezePlain(part, place === '' ? key : `${place}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isPlainLeaf = (value: unknown): boolean =>
  value === null ||
  ['number', 'string', 'boolean', 'undefined'].includes(typeof value) ||
  // cannot be frozen
  ArrayBuffer.isView(value);

function isPlainObject(value: object | null): value is object {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** `a function`, `a bigint`, `a Promise`. */
const kindOf = (value: unknown): string =>
  `a ${value instanceof Object && typeof value === 'object' ? value.constructor.name : typeof value}`;
