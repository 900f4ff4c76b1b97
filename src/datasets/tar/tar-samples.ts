import { DataError } from '../../core/errors.ts';
import type { FileWindow } from '../file-window.ts';
import { isImageName } from '../folder/image-names.ts';
import { jsonLabel, type Label, type LabelFault, textLabel } from './sample-label.ts';
import { BLOCK_BYTES } from './tar-header.ts';
import { type TarMember, tarMembers } from './tar-members.ts';

/** Which members of a sample are its image and its class. */
export interface MemberOptions {
  /**
   * The field of the image, which is what follows the first dot of its file name: `jpg`, `seg.png`. Default: the only one
   * that is named like an image and has no further dot.
   */
  readonly imageMember?: string | undefined;
  /**
   * Where the class is in each sample's `.json`: a key, or several with dots between them for objects in objects. Default:
   * the class is the text of `.cls`, else of `.txt`, else the whole `.json`.
   */
  readonly labelKey?: string | undefined;
}

export interface TarSample {
  /** The members' path up to the first dot of the file name. */
  readonly key: string;
  readonly image: TarMember;
  readonly label: Label | LabelFault;
}

type LabelField = 'cls' | 'txt' | 'json';

/** Consecutive members with the same key. */
interface Group {
  readonly key: string;
  /** The first member that is named like an image or a class: the group must then be a sample. */
  claim?: string;
  image?: TarMember;
  /** The first image whose field has a dot, which is taken only where it is asked for. */
  dotted?: string;
  /** In the order in which they are asked for the class. */
  readonly labels: Readonly<Record<LabelField, TarMember[]>>;
}

/** The samples of a shard, in order. What is named like a sample and is none is an error; the rest is passed over. */
export function* tarSamples(file: FileWindow, options: MemberOptions): Generator<TarSample> {
  const imageMember = options.imageMember?.toLowerCase();
  let group: Group | undefined;
  let end = 0;
  for (const listed of tarMembers(file)) {
    end = listed.offset + listed.length;
    const member = { ...listed, name: listed.name.replace(/^(\.\/+)+/, '').replace(/\/+$/, '') };
    if (isHidden(member.name)) continue;
    const [key, field] = splitName(member.name);
    const isClaim = isImageName(member.name) || /\.cls$/i.test(member.name) || field === imageMember;
    if (isClaim && !member.isFile)
      throw invalid('NOT_A_FILE', file, member.name, 'is not a file (a link or folder)');
    if (!member.isFile) continue;
    if (group?.key !== key) {
      if (group?.claim !== undefined) yield finish(group, file, options);
      group = { key, labels: { cls: [], txt: [], json: [] } };
    }
    if (isClaim) group.claim ??= member.name;
    addMember(group, member, field, file, imageMember);
  }
  if (group?.claim === undefined) return;
  if (group.image === undefined && file.size - end < BLOCK_BYTES) throw cutWithin(group, file);
  yield finish(group, file, options);
}

const isHidden = (name: string): boolean => /(^|\/)\./.test(name);

/** `a/b.seg.png` -> `a/b` and `seg.png`: in WebDataset that is another field than `png`. */
function splitName(name: string): [key: string, field: string] {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()];
}

function addMember(
  group: Group,
  member: TarMember,
  field: string,
  file: FileWindow,
  imageMember: string | undefined,
): void {
  const isImage = isImageName(`.${field}`);
  const isWanted = imageMember === undefined ? isImage && !field.includes('.') : field === imageMember;
  if (isWanted) addImage(group, member, file);
  else if (field in group.labels) group.labels[field as LabelField].push(member);
  else if (isImage) group.dotted ??= field;
}

function addImage(group: Group, member: TarMember, file: FileWindow): void {
  if (group.image !== undefined) {
    const reason = `sample has an image already: ${group.image.name}`;
    const remedy = `imageMember (--image-member) chooses one by what follows the first dot`;
    throw invalid('TWO_IMAGES', file, member.name, `${reason}; ${remedy}`);
  }
  group.image = member;
}

function finish(group: Group, file: FileWindow, options: MemberOptions): TarSample {
  const { key, image } = group;
  if (image === undefined) throw withoutImage(group, file, options);
  return { key, image, label: findLabel(group, image, file, options) };
}

function findLabel(
  { key, labels }: Group,
  image: TarMember,
  file: FileWindow,
  { labelKey }: MemberOptions,
): Label | LabelFault {
  const fields = labelKey === undefined ? (['cls', 'txt', 'json'] as const) : (['json'] as const);
  const field = fields.find((name) => labels[name].length > 0);
  if (field === undefined) {
    const [first, ...others] = fields.map((name) => `.${name}`);
    const expected = [`${key}${first} next to it`, ...others].join(' or ');
    const message = `${image.name}: sample has no class (expected ${expected}: ${neighbours})`;
    return { code: 'NO_CLASS', message };
  }
  const [member, second] = labels[field] as [TarMember, TarMember?];
  if (second !== undefined) throw invalid('TWO_CLASSES', file, second.name, 'sample has a class already');
  return field === 'json' ? jsonLabel(member, file, labelKey) : textLabel(member, file);
}

const neighbours = "a sample's members follow one another";

function withoutImage(
  { key, claim, dotted }: Group,
  file: FileWindow,
  { imageMember }: MemberOptions,
): DataError {
  const name = `${key}.${imageMember ?? 'jpg (.png, .webp, ...)'}`;
  const remedy =
    dotted === undefined
      ? ''
      : `; the key ends at the first dot of the file name: to take ${key}.${dotted} as the image of ${key}, ` +
        `say so by imageMember (--image-member ${dotted})`;
  const reason = `sample has no image (expected ${name} next to it: ${neighbours}${remedy})`;
  return invalid('NO_IMAGE', file, claim as string, reason);
}

/** Of a tar without zeros at its end, which alone is no fault. */
function cutWithin({ key }: Group, file: FileWindow): DataError {
  const reason = `the sample ${key} has no image, and the file ends there without the zeros that end a tar`;
  return new DataError('TRUNCATED_TAR', `${file.path}: is cut: ${reason}`, { sample: key });
}

function invalid(code: string, file: FileWindow, member: string, reason: string): DataError {
  return new DataError(code, `${file.path}: ${member}: ${reason}`, { sample: member });
}
