import type { ByteWindow } from '../pieces/file-window.ts';
import { shownJson } from '../shown-json.ts';
import type { TarMember } from './tar-members.ts';

/** One name is kept for each class up to the highest: a number that is no class must not fill the memory. */
export const MAX_CLASSES = 1 << 22;
export const MAX_CLASS_BYTES = 64;
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
  if (field !== 'json') return Math.min(length, MAX_CLASS_BYTES + 1);
  return length > MAX_JSON_BYTES ? 0 : length;
}

/** The class that a member names in text: `.cls` and `.txt`. */
export function textLabel(member: TarMember, file: ByteWindow): Label | LabelFault {
  const text = file.view(member.offset, labelBytes(member, 'txt')).toString();
  const label = member.length <= MAX_CLASS_BYTES ? labelOf(text) : undefined;
  return label ?? invalidLabel(member, text);
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
