import { isUtf8 } from 'node:buffer';
import { closeSync, openSync } from 'node:fs';
import { DataError } from '../../../core/errors.ts';
import { NumberColumn } from '../../columns/number-column.ts';
import { readError, readFully } from '../../pieces/read-fully.ts';
import { lineError, type ManifestRow } from '../manifest-row.ts';
import { hasMark, type TextFile, textPath } from '../text-lines.ts';
import { annotatedImages } from './annotated-images.ts';
import { ObjectScanner } from './object-scanner.ts';

/** What COCO's annotations say of images: which there are, and the classes of each. */
export interface Annotations {
  /** Names of the categories, in the order of their ids. */
  readonly classes: readonly string[];
  /** In the order of the images, each with the list of its classes. */
  readonly rows: readonly ManifestRow[];
  /** Of a file on the disk the folder that has the images; undefined where none was found. */
  readonly imageRoot: string | undefined;
}

/** Files that are named so are taken for COCO's annotations. */
export const annotationsName = /\.json$/i;

const lists = ['images', 'annotations', 'categories'] as const;
type List = (typeof lists)[number];

/**
 * Reads COCO's annotations of objects, `instances_train2017.json`: the images, the categories, and of each annotation its image and
 * its category. Boxes and outlines are passed over, so a file may be of any size.
 */
export function readAnnotations(file: TextFile): Annotations {
  const path = textPath(file);
  const found = new Found(path);
  const scanner = new ObjectScanner({
    lists: new Set(lists),
    take: (list, object) => found.add(list as List, object),
    fail: (reason) => invalid(path, reason),
  });
  let isFirst = true;
  for (const piece of piecesOf(file)) {
    scanner.push(piece.subarray(isFirst && hasMark(piece) ? 3 : 0));
    isFirst = false;
  }
  scanner.finish();
  const annotations = found.finish();
  const imageRoot = typeof file === 'string' ? annotatedImages(file, annotations.rows) : undefined;
  return { ...annotations, imageRoot };
}

const invalid = (path: string, reason: string): DataError =>
  new DataError('INVALID_MANIFEST', `${path}: is not COCO's annotations (instances_*.json): ${reason}`);

const PIECE_BYTES = 1 << 22;

/** The file in pieces, which share their memory. */
function* piecesOf(file: TextFile): Generator<Buffer> {
  if (typeof file !== 'string') {
    yield file.bytes;
    return;
  }
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (let position = 0; ; ) {
      const count = readFully(opened, piece, PIECE_BYTES, position);
      if (count === 0) return;
      yield piece.subarray(0, count);
      position += count;
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw readError(cause, 'no such file', { prefix: `${file}: ` });
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

type Id = number | string;

/** Collects objects in whatever order the lists stand. */
class Found {
  readonly #path: string;
  readonly #counts: Record<List, number> = { images: 0, annotations: 0, categories: 0 };
  /** Of each image's id, its place among those that were met. */
  readonly #places = new Map<Id, number>();
  /** By place; undefined of an image that only an annotation names. */
  readonly #files: (string | undefined)[] = [];
  /** Places of images as they are listed. */
  readonly #images = new NumberColumn();
  readonly #names = new Map<number, string>();
  /** Of each annotation. */
  readonly #placeOf = new NumberColumn();
  readonly #categoryOf = new NumberColumn();

  constructor(path: string) {
    this.#path = path;
  }

  add(list: List, bytes: Buffer): void {
    const where = `${list}[${this.#counts[list]++}]`;
    const fail = (reason: string) => lineError(this.#path, where, reason);
    const object = objectIn(bytes, fail);
    if (list === 'images') this.#addImage(object, fail);
    else if (list === 'categories') this.#addCategory(object, fail);
    else this.#addAnnotation(object, fail);
  }

  finish(): Omit<Annotations, 'imageRoot'> {
    for (const list of ['images', 'categories'] as const)
      if (this.#counts[list] === 0) throw invalid(this.#path, `has no objects in a list "${list}"`);
    const ids = this.#namedOnce();
    const ranks = new Map(ids.map((id, rank) => [id, rank]));
    const classes = ids.map((id) => this.#names.get(id) as string);
    const listsOfPlaces = this.#listsByPlace(ranks);
    const rows = Array.from(this.#images, (place, at) => ({
      line: `images[${at}]`,
      path: this.#files[place] as string,
      label: (listsOfPlaces[place] ?? []).map((rank) => classes[rank] as string),
    }));
    return { classes, rows };
  }

  /** Ids of categories, ascending. Of several of one name, as Roboflow has a group and its only class, the one that is used. */
  #namedOnce(): number[] {
    const used = new Set(this.#categoryOf);
    const byName = new Map<string, number>();
    for (const [id, name] of this.#names) {
      const other = byName.get(name) ?? id;
      if (other !== id && used.has(other) && used.has(id)) {
        const reason = `the ids ${other} and ${id} are both called ${shown(name)}, and both have annotations`;
        throw lineError(this.#path, 'categories', reason);
      }
      byName.set(name, used.has(id) ? id : other);
    }
    return [...byName.values()].sort((a, b) => a - b);
  }

  #listsByPlace(ranks: ReadonlyMap<number, number>): number[][] {
    const lists: number[][] = [];
    for (let at = 0; at < this.#placeOf.length; at++) {
      const [place, category] = [this.#placeOf.at(at), this.#categoryOf.at(at)];
      const rank = ranks.get(category);
      const fail = (reason: string) => lineError(this.#path, `annotations[${at}]`, reason);
      if (rank === undefined) throw fail(`category_id ${category} is none of the categories`);
      if (this.#files[place] === undefined) throw fail('image_id is none of the images');
      lists[place] ??= [];
      const list = lists[place] as number[];
      if (!list.includes(rank)) list.push(rank);
    }
    return lists;
  }

  #addImage({ id, file_name: file }: JsonObject, fail: Fail): void {
    if (typeof file !== 'string' || file === '') throw fail(`expected a file_name, got ${shown(file)}`);
    const place = this.#place(id, 'id', fail);
    if (this.#files[place] !== undefined) throw fail(`the id ${id} is there already`);
    this.#files[place] = file;
    this.#images.push(place);
  }

  #addCategory({ id, name }: JsonObject, fail: Fail): void {
    const number = numberOf(id, 'id', fail);
    if (typeof name !== 'string' || name.trim() === '' || /\p{Cc}/u.test(name))
      throw fail(`expected a name on one line, got ${shown(name)}`);
    if (this.#names.has(number)) throw fail(`the id ${number} is there already`);
    this.#names.set(number, name);
  }

  #addAnnotation({ image_id: image, category_id: category }: JsonObject, fail: Fail): void {
    if (category === undefined)
      throw fail('has no category_id: expected the annotations of objects, instances_*.json');
    this.#placeOf.push(this.#place(image, 'image_id', fail));
    this.#categoryOf.push(numberOf(category, 'category_id', fail));
  }

  #place(id: unknown, name: string, fail: Fail): number {
    if (typeof id !== 'number' && typeof id !== 'string') throw fail(`expected an ${name}, got ${shown(id)}`);
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    this.#files.push(undefined);
    this.#places.set(id, this.#files.length - 1);
    return this.#files.length - 1;
  }
}

type Fail = (reason: string) => DataError;
type JsonObject = Readonly<Record<string, unknown>>;

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'none').slice(0, 100);

function numberOf(value: unknown, name: string, fail: Fail): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw fail(`expected an integer of 0 or more as ${name}, got ${shown(value)}`);
}

function objectIn(bytes: Buffer, fail: Fail): JsonObject {
  if (!isUtf8(bytes)) throw fail('is not UTF-8');
  try {
    return JSON.parse(bytes.toString()) as JsonObject;
  } catch (error) {
    throw fail(`is not JSON: ${(error as Error).message}`);
  }
}
