import type { DataError } from '../../../core/errors.ts';

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const SPACE = 0x20;

/** How deep what lies where: the outermost object, a list in it, an object in that. */
const [ROOT, LIST, OBJECT] = [1, 2, 3];
/** Of an object, without what lies deeper in it: more than anybody's. */
const MAX_OBJECT_BYTES = 1 << 20;
const NULL = Buffer.from('null');
const NOWHERE = -1;

export interface ScannedLists {
  /** Names of the lists whose objects are wanted. */
  readonly lists: ReadonlySet<string>;
  /** Hears of each object in them: JSON, with `null` for each list and object that lies in it. */
  take(list: string, object: Buffer): void;
  fail(reason: string): DataError;
}

/**
 * Finds the objects in the lists of one large object of JSON, `{"images": [{...}, ...], ...}`, which comes in pieces. It may be larger
 * than a text can be, since nearly all of it are outlines, in lists within the objects: these are passed over byte by byte.
 */
export class ObjectScanner {
  readonly #wanted: ScannedLists;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isDone = false;
  /** What is deeper than this is passed over, until it is reached again. */
  #floor = NOWHERE;
  #key = '';
  #list = '';
  /** What is kept of a key or an object in the pieces before, and from where on in this one. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #from = NOWHERE;

  constructor(wanted: ScannedLists) {
    this.#wanted = wanted;
  }

  push(piece: Buffer): void {
    for (let at = 0; at < piece.length; )
      if (this.#isInString) at = this.#passString(piece, at);
      else if (this.#floor !== NOWHERE) at = this.#passOver(piece, at);
      else at = this.#steps(piece, at);
    if (this.#from === NOWHERE) return;
    this.#keep(piece.subarray(this.#from));
    this.#from = 0;
  }

  /** After the last piece. */
  finish(): void {
    if (!this.#isDone) throw this.#wanted.fail('is cut: its outermost object does not end');
  }

  /** To behind the string's end, or to the piece's. */
  #passString(piece: Buffer, start: number): number {
    for (let at = start; at < piece.length; at++) {
      const byte = piece[at];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) {
        this.#isInString = false;
        if (this.#depth === ROOT && this.#floor === NOWHERE)
          this.#key = this.#taken(piece, at + 1).toString();
        return at + 1;
      }
    }
    return piece.length;
  }

  /** Lists and objects that are not wanted: to behind their end, or to a string's start. */
  #passOver(piece: Buffer, start: number): number {
    for (let at = start; at < piece.length; at++) {
      const byte = piece[at] as number;
      // digits, signs, commas, colons and spaces: nearly all
      if (byte > QUOTE && byte < OPEN_BRACKET) continue;
      if (byte === QUOTE) {
        this.#isInString = true;
        return at + 1;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --this.#depth === this.#floor) {
        if (this.#floor === OBJECT) this.#from = at + 1;
        this.#floor = NOWHERE;
        return at + 1;
      }
    }
    return piece.length;
  }

  /** To where a string starts, or what is passed over. */
  #steps(piece: Buffer, start: number): number {
    for (let at = start; at < piece.length; at++) {
      const byte = piece[at] as number;
      if (byte > QUOTE && byte < OPEN_BRACKET && this.#depth > 0) continue;
      this.#step(piece, at, byte);
      if (this.#isInString || this.#floor !== NOWHERE) return at + 1;
    }
    return piece.length;
  }

  #step(piece: Buffer, at: number, byte: number): void {
    if (byte <= SPACE) return;
    if (this.#isDone) throw this.#wanted.fail('there is more after the end of its outermost object');
    if (byte === QUOTE) {
      this.#isInString = true;
      if (this.#depth === ROOT) this.#from = at;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#open(piece, at, byte);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#close(piece, at, byte);
    if (this.#depth === 0 && !this.#isDone)
      throw this.#wanted.fail(
        'is no object of JSON (a list of images is JSON lines, .jsonl, an object a line: {"file_name": "cat/1.jpg", "label": "cat"})',
      );
  }

  #open(piece: Buffer, at: number, byte: number): void {
    if (this.#depth === 0 && byte !== OPEN_BRACE) return;
    if (this.#depth === ROOT) {
      this.#list = byte === OPEN_BRACKET ? String(parsed(this.#key)) : '';
      if (!this.#wanted.lists.has(this.#list)) this.#floor = ROOT;
    } else if (this.#depth === LIST) {
      if (byte !== OPEN_BRACE) throw this.#wanted.fail(`${this.#list} is no list of objects`);
      this.#from = at;
    } else if (this.#depth === OBJECT) {
      this.#keep(piece.subarray(this.#from, at));
      this.#kept.push(NULL);
      this.#from = NOWHERE;
      this.#floor = OBJECT;
    }
    this.#depth++;
  }

  #close(piece: Buffer, at: number, byte: number): void {
    const expected = this.#depth === LIST ? CLOSE_BRACKET : CLOSE_BRACE;
    if (this.#depth === 0 || byte !== expected)
      throw this.#wanted.fail(`is no JSON: a bracket that nothing opened, in ${this.#list || 'it'}`);
    if (this.#depth === OBJECT) this.#wanted.take(this.#list, this.#taken(piece, at + 1));
    this.#depth--;
    this.#isDone = this.#depth === 0;
  }

  #keep(part: Buffer): void {
    this.#count(part);
    // the piece's memory is used again
    this.#kept.push(Buffer.from(part));
  }

  #count({ length }: Buffer): void {
    this.#keptBytes += length;
    if (this.#keptBytes > MAX_OBJECT_BYTES)
      throw this.#wanted.fail(`an object in ${this.#list || 'it'} has more than ${MAX_OBJECT_BYTES} bytes`);
  }

  /** All that is kept, up to a place in this piece. */
  #taken(piece: Buffer, end: number): Buffer {
    const last = piece.subarray(this.#from, end);
    this.#count(last);
    const all = this.#kept.length === 0 ? last : Buffer.concat([...this.#kept, last]);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#from = NOWHERE;
    return all;
  }
}

/** A key as it is written, in quotes. */
function parsed(key: string): unknown {
  try {
    return JSON.parse(key);
  } catch {
    return key;
  }
}
