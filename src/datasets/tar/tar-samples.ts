import { DataError } from '../../core/errors.ts';
import type { FileWindow } from '../file-window.ts';
import { isImageName } from '../folder/image-names.ts';
import { type TarMember, tarMembers } from './tar-members.ts';

export interface TarSample {
  /** The members' path up to the first dot of the file name. */
  readonly key: string;
  readonly image: TarMember;
  readonly label: number;
}

/** Consecutive members with the same key. */
interface Group {
  readonly key: string;
  /** The first member that is named like an image or a class: the group must then be a sample. */
  claim?: string;
  image?: TarMember;
  label?: number;
}

/** One name is kept for each class up to the highest: a number that is no class must not fill the memory. */
const MAX_CLASSES = 1 << 22;
const MAX_CLASS_BYTES = 64;

/** The samples of a shard, in order. What is named like a sample and is none is an error; the rest is passed over. */
export function* tarSamples(file: FileWindow): Generator<TarSample> {
  let group: Group | undefined;
  for (const listed of tarMembers(file)) {
    const member = { ...listed, name: listed.name.replace(/^(\.\/+)+/, '').replace(/\/+$/, '') };
    if (isHidden(member.name)) continue;
    const isClaim = isImageName(member.name) || /\.cls$/i.test(member.name);
    if (isClaim && !member.isFile)
      throw invalid('NOT_A_FILE', file, member.name, 'is not a file (a link or folder)');
    if (!member.isFile) continue;
    const [key, field] = splitName(member.name);
    if (group?.key !== key) {
      if (group?.claim !== undefined) yield finish(group, file);
      group = { key };
    }
    if (isClaim) group.claim ??= member.name;
    if (field === 'cls') addClass(group, member, file);
    else if (isImageName(`.${field}`) && !field.includes('.')) addImage(group, member, file);
  }
  if (group?.claim !== undefined) yield finish(group, file);
}

const isHidden = (name: string): boolean => /(^|\/)\./.test(name);

/** `a/b.seg.png` -> `a/b` and `seg.png`: in WebDataset that is another field than `png`. */
function splitName(name: string): [key: string, field: string] {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()];
}

function addImage(group: Group, member: TarMember, file: FileWindow): void {
  if (group.image !== undefined)
    throw invalid('TWO_IMAGES', file, member.name, `sample has an image already: ${group.image.name}`);
  group.image = member;
}

function addClass(group: Group, member: TarMember, file: FileWindow): void {
  if (group.label !== undefined)
    throw invalid('TWO_CLASSES', file, member.name, 'sample has a class already');
  const text = file.view(member.offset, Math.min(member.length, MAX_CLASS_BYTES)).toString();
  const label = /^\s*\d+\s*$/.test(text) && member.length <= MAX_CLASS_BYTES ? Number(text) : Number.NaN;
  if (!(label < MAX_CLASSES)) {
    const expected = `expected the class as an integer of 0..${MAX_CLASSES - 1} in text`;
    throw invalid('INVALID_CLASS', file, member.name, `${expected}, got ${JSON.stringify(text)}`);
  }
  group.label = label;
}

function finish({ key, claim, image, label }: Group, file: FileWindow): TarSample {
  const missing = image === undefined ? 'image' : label === undefined ? 'class' : undefined;
  if (image !== undefined && label !== undefined) return { key, image, label };
  const name = missing === 'image' ? `${key}.jpg (.png, .webp, ...)` : `${key}.cls`;
  const reason = `sample has no ${missing} (expected ${name} next to it: a sample's members follow one another)`;
  throw invalid(missing === 'image' ? 'NO_IMAGE' : 'NO_CLASS', file, claim as string, reason);
}

function invalid(code: string, file: FileWindow, member: string, reason: string): DataError {
  return new DataError(code, `${file.path}: ${member}: ${reason}`, { sample: member });
}
