import type { ByteWindow } from '../pieces/file-window.ts';
import { shownJson } from '../shown-json.ts';
import type { TarMember } from './tar-members.ts';

/** One name is kept for each class up to the highest: a number that is no class must not fill the memory. */
export const MAX_CLASSES = 1 << 22;
export const MAX_CLASS_BYTES = 64;
/** Of a list of numbers. */
const MAX_LIST_BYTES = 1 << 12;
const MAX_JSON_BYTES = 1 << 20;

/** What a class may be, for messages. */
export const labelInWords = `an integer of 0..${MAX_CLASSES - 1} or a name of at most ${MAX_CLASS_BYTES} bytes on one line`;

/** Why a sample cannot be used: it has no class, or no image. */
export interface LabelFault {
  readonly code: 'NO_CLASS' | 'INVALID_CLASS' | 'MISSING_FILE';
  /** Begins with the member at fault, where there is one. */
  readonly message: string;
}

/** A class by its number or by its name. */
export type Label = number | string;
/** What a sample says of its classes: of the one that it has, or of several or none in a list. */
export type SaidLabel = Label | readonly Label[];

export const isFault = (said: SaidLabel | LabelFault | undefined): said is LabelFault =>
  typeof said === 'object' && 'code' in said;

/** Bytes of a member that are looked at for its class: one more than is taken, to see that there are more. */
export function labelBytes({ length }: TarMember, field: string): number {
  if (field !== 'json') return Math.min(length, (field === 'cls' ? MAX_LIST_BYTES : MAX_CLASS_BYTES) + 1);
  return length > MAX_JSON_BYTES ? 0 : length;
}

/** The class that a member names in text: `.cls` and `.txt`; of `.cls` also the list of classes. */
export function textLabel(member: TarMember, file: ByteWindow, field: string): SaidLabel | LabelFault {
  const text = file.view(member.offset, labelBytes(member, field)).toString();
  const numbers = field === 'cls' ? numbersOf(text) : undefined;
  if (numbers !== undefined)
    return (member.length <= MAX_LIST_BYTES && listIn(numbers)) || invalidList(member, numbers);
  const label = member.length <= MAX_CLASS_BYTES ? labelOf(text) : undefined;
  return label ?? invalidLabel(member, text);
}

const number = /^[-+]?(\d+\.?|\d*\.\d+)(e[-+]?\d+)?$/i;

/**
 * The numbers that a text lists: several, with commas, spaces or ends of lines between them, or any in brackets, as WebDataset's
 * writer has a list of Python's, `[3, 7]`, or an array, `[3 7]`. Undefined of one number, or of a text with anything else in it:
 * names may have spaces and commas.
 */
function numbersOf(text: string): string[] | undefined {
  const [, inner] = /^\[(.*)\]$/s.exec(text.trim()) ?? [];
  const words = (inner ?? text).split(/[\s,]+/).filter((word) => word !== '');
  const isList = inner !== undefined || words.length > 1;
  return isList && words.every((word) => number.test(word)) ? words : undefined;
}

/** The class, or the list of classes, that a member names in JSON: its value, or what the key leads to, in steps parted by dots. */
export function jsonLabel(
  member: TarMember,
  file: ByteWindow,
  labelKey: string | undefined,
): SaidLabel | LabelFault {
  if (member.length > MAX_JSON_BYTES)
    return fault(member, `has ${member.length} bytes (at most ${MAX_JSON_BYTES})`);
  let value: unknown;
  try {
    value = JSON.parse(file.view(member.offset, member.length).toString());
  } catch (error) {
    return fault(member, `is not JSON: ${(error as Error).message}`);
  }
  for (const step of labelKey?.split('.') ?? []) {
    if (!(value instanceof Object && Object.hasOwn(value, step)))
      return fault(member, `has no ${labelKey} (labelKey, --label-key)${keysOf(value)}`);
    value = (value as Record<string, unknown>)[step];
  }
  if (Array.isArray(value)) return listIn(value) ?? invalidList(member, value);
  const isText = isWord(value);
  const label = isText ? labelOf(String(value)) : undefined;
  if (label !== undefined) return label;
  return isText || labelKey !== undefined
    ? invalidLabel(member, value)
    : fault(member, `labelKey (--label-key) must say where the class is${keysOf(value)}`);
}

const isWord = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

/** The classes of a list, each once. */
function listIn(values: readonly unknown[]): Label[] | undefined {
  const labels = values.flatMap((value) => (isWord(value) ? (labelOf(String(value)) ?? []) : []));
  return new Set(labels).size === values.length ? labels : undefined;
}

function invalidList(member: TarMember, got: readonly unknown[]): LabelFault {
  return fault(member, `expected a list of classes, each once and ${labelInWords}, got ${shownJson(got)}`);
}

/** A number in digits, or a name: what is a number of another kind is neither. */
export function labelOf(text: string): Label | undefined {
  const word = text.trim();
  if (/^\d+$/.test(word)) return Number(word) < MAX_CLASSES ? Number(word) : undefined;
  const isName = word !== '' && Number.isNaN(Number(word)) && !/[\p{Cc}\ufffd]/u.test(word);
  return isName && Buffer.byteLength(word) <= MAX_CLASS_BYTES ? word : undefined;
}

function invalidLabel(member: TarMember, got: unknown): LabelFault {
  return fault(member, `expected the class as ${labelInWords}, got ${shownJson(got)}`);
}

const fault = (member: TarMember, reason: string): LabelFault => ({
  code: 'INVALID_CLASS',
  message: `${member.name}: ${reason}`,
});

const SHOWN_KEYS = 10;

function keysOf(value: unknown): string {
  if (!(value instanceof Object)) return '';
  const keys = Object.keys(value);
  const more = keys.length > SHOWN_KEYS ? ', ...' : '';
  return `; its keys are: ${keys.slice(0, SHOWN_KEYS).join(', ')}${more}`;
}
