import { DataError } from '../../core/errors.ts';
import { isImageName } from '../folder/image-names.ts';
import type { ByteWindow } from '../pieces/file-window.ts';
import { jsonLabel, type LabelFault, labelBytes, type SaidLabel, textLabel } from './sample-label.ts';
import { BLOCK_BYTES } from './tar-header.ts';
import { loaded, type TarMember, tarMembers } from './tar-members.ts';

/** Which members of a sample are its image and its class. */
export interface MemberOptions {
  /**
   * The field of the image, which is what follows the first dot of its file name: `jpg`, `seg.png`. Default: the only one
   * that is named like an image and has no further dot.
   */
  readonly imageMember?: string | undefined;
  /**
   * Where the class is in each sample's `.json`: a key, or several with dots between them for objects in objects. Default:
   * the class is the text of `.cls`; where no sample has one, that of `.txt`, or the whole `.json`.
   */
  readonly labelKey?: string | undefined;
}

/** What is asked of a tar. */
export interface SampleOptions extends MemberOptions {
  /** Hears of a tar that ends without zeros, between two samples: some writers leave them out, or it is cut there. */
  readonly onUnended?: () => void;
}

export interface TarSample {
  /** The members' path up to the first dot of the file name. */
  readonly key: string;
  readonly image: TarMember;
  readonly found: FoundLabel | undefined;
}

/** In the order in which they are asked for the class. */
export const labelFields = ['cls', 'txt', 'json'] as const;

/** What a member says of the class, read as it comes: to go back to it would cost another read of the file. */
export interface FoundLabel {
  /** Of the member's field: its index in `labelFields`. */
  readonly rank: number;
  readonly label: SaidLabel | LabelFault;
  /** The name of another such member. */
  readonly second?: string;
}

/** Consecutive members with the same key. */
interface Group {
  readonly key: string;
  /** The first member that is named like an image or a class: the group must then be a sample. */
  claim?: string;
  image?: TarMember;
  /** The first image whose field has a dot, which is taken only where it is asked for. */
  dotted?: string;
  found?: FoundLabel;
}

/**
 * The samples of a shard, in order, with the promises of `tarMembers`. What is named like a sample and is none is an error;
 * the rest is passed over.
 */
export function* tarSamples(file: ByteWindow, options: SampleOptions): Generator<TarSample | Promise<void>> {
  const imageMember = options.imageMember?.toLowerCase();
  const wanted = { ...options, imageMember };
  let group: Group | undefined;
  let end = 0;
  for (const listed of tarMembers(file)) {
    if (listed instanceof Promise) {
      yield listed;
      continue;
    }
    end = Math.ceil((listed.offset + listed.length) / BLOCK_BYTES) * BLOCK_BYTES;
    const member = { ...listed, name: listed.name.replace(/^(\.\/+)+/, '').replace(/\/+$/, '') };
    if (isHidden(member.name)) continue;
    const [key, field] = splitName(member.name);
    const isClaim = isImageName(member.name) || /\.cls$/i.test(member.name) || field === imageMember;
    if (isClaim && !member.isFile)
      throw invalid('NOT_A_FILE', file, member.name, 'is not a file (a link or folder)');
    if (!member.isFile) continue;
    if (group?.key !== key) {
      if (group?.claim !== undefined) yield finish(group, file, options);
      group = { key };
    }
    if (isClaim) group.claim ??= member.name;
    yield* addMember(group, member, field, file, wanted);
  }
  const isUnended = end > 0 && file.size - end < BLOCK_BYTES;
  if (group?.claim !== undefined) {
    if (group.image === undefined && isUnended) throw cutWithin(group, file);
    yield finish(group, file, options);
  }
  if (isUnended) options.onUnended?.();
}

const isHidden = (name: string): boolean => /(^|\/)\./.test(name);

/** `a/b.seg.png` -> `a/b` and `seg.png`: in WebDataset that is another field than `png`. */
export function splitName(name: string): [key: string, field: string] {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()];
}

function* addMember(
  group: Group,
  member: TarMember,
  field: string,
  file: ByteWindow,
  { imageMember, labelKey }: MemberOptions,
): Generator<Promise<void>> {
  const isImage = isImageName(`.${field}`);
  const isWanted = imageMember === undefined ? isImage && !field.includes('.') : field === imageMember;
  if (isWanted) addImage(group, member, file);
  else if (isImage) group.dotted ??= field;
  else if (labelKey === undefined ? labelFields.some((one) => one === field) : field === 'json')
    yield* addLabel(group, member, field, file, labelKey);
}

function addImage(group: Group, member: TarMember, file: ByteWindow): void {
  if (group.image !== undefined) {
    const reason = `sample has an image already: ${group.image.name}`;
    const remedy = `imageMember (--image-member) chooses one by what follows the first dot`;
    throw invalid('TWO_IMAGES', file, member.name, `${reason}; ${remedy}`);
  }
  group.image = member;
}

function* addLabel(
  group: Group,
  member: TarMember,
  field: string,
  file: ByteWindow,
  labelKey: string | undefined,
): Generator<Promise<void>> {
  const rank = (labelFields as readonly string[]).indexOf(field);
  const { found } = group;
  if (found !== undefined && rank > found.rank) return;
  if (found?.rank === rank) {
    group.found = { ...found, second: member.name };
    return;
  }
  yield* loaded(file, member.offset, labelBytes(member, field));
  const label = field === 'json' ? jsonLabel(member, file, labelKey) : textLabel(member, file, field);
  group.found = { rank, label };
}

function finish(group: Group, file: ByteWindow, options: MemberOptions): TarSample {
  const { key, image, found } = group;
  if (image === undefined) throw withoutImage(group, file, options);
  if (found?.second !== undefined)
    throw invalid('TWO_CLASSES', file, found.second, 'sample has a class already');
  return { key, image, found };
}

export const neighbours = "a sample's members follow one another";

function withoutImage(
  { key, claim, dotted }: Group,
  file: ByteWindow,
  { imageMember }: MemberOptions,
): DataError {
  const name = `${key}.${imageMember ?? 'jpg (.png, .webp, ...)'}`;
  const remedy =
    dotted === undefined
      ? ''
      : `; the key ends at the first dot of the file name: imageMember (--image-member ${dotted}) takes ${key}.${dotted} as ` +
        `the image of ${key}; if it is a sample of its own, its name must have no further dot`;
  const reason = `sample has no image (expected ${name} next to it: ${neighbours}${remedy})`;
  return invalid('NO_IMAGE', file, claim as string, reason);
}

/** Of a tar without zeros at its end, which alone is no fault. */
function cutWithin({ key }: Group, file: ByteWindow): DataError {
  const reason = `the sample ${key} has no image, and the file ends there without the zeros that end a tar`;
  return new DataError('TRUNCATED_TAR', `${file.path}: is cut: ${reason}`, { sample: key });
}

function invalid(code: string, file: ByteWindow, member: string, reason: string): DataError {
  return new DataError(code, `${file.path}: ${member}: ${reason}`, { sample: member });
}
