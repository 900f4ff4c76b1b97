import { shownJson } from '../shown-json.ts';
import {
  labelIn,
  labelNames,
  labelsIn,
  lineError,
  type ManifestColumns,
  type ManifestRow,
  namesInWords,
  pathNames,
  splitNames,
} from './manifest-row.ts';
import type { TextLine } from './text-lines.ts';

/** The lines of a file with an object of JSON in each; empty ones are passed over. */
export function* jsonObjects(path: string, lines: Iterable<TextLine>): Generator<JsonLine> {
  for (const { number, text } of lines) if (text.trim() !== '') yield new JsonLine(path, number, text);
}

/** An object of JSON that says an image and its class. */
class JsonLine {
  readonly #path: string;
  readonly #line: number;
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(path: string, line: number, text: string) {
    this.#path = path;
    this.#line = line;
    this.#object = this.#parse(text);
  }

  row({ imageMember, labelKey, labelSeparator }: ManifestColumns): ManifestRow {
    const image = this.#find(imageMember, pathNames);
    if (typeof image !== 'string')
      throw this.#missing(image, imageMember, pathNames, 'imageMember (--image-member)', 'path');
    const split = this.split();
    const label = this.#find(labelKey, labelNames);
    return {
      line: this.#line,
      path: image,
      label: this.#labelOf(label, labelKey, labelSeparator),
      ...(split !== undefined && { split }),
    };
  }

  /** The split that it says. */
  split(): string | undefined {
    const split = this.#find(undefined, splitNames);
    return typeof split === 'string' ? split : undefined;
  }

  #labelOf(
    value: unknown,
    labelKey: string | undefined,
    separator: string | undefined,
  ): ManifestRow['label'] {
    if (value === null) return separator === undefined ? undefined : [];
    if (Array.isArray(value))
      return value.map((one) => this.#one(one, labelKey)).filter((one) => one !== undefined);
    if (typeof value === 'string') return labelsIn(value, separator, this.#fail);
    const one = this.#one(value, labelKey);
    if (separator === undefined) return one;
    return one === undefined ? [] : [one];
  }

  #one(value: unknown, labelKey: string | undefined) {
    if (typeof value === 'string' || typeof value === 'number') return labelIn(String(value), this.#fail);
    throw this.#missing(value, labelKey, labelNames, 'labelKey (--label-key)', 'class');
  }

  /** The value of the key that is given, in steps parted by dots, or of the first of these names. */
  #find(given: string | undefined, names: readonly string[]): unknown {
    const key = given ?? names.find((name) => Object.hasOwn(this.#object, name));
    if (key === undefined) return undefined;
    if (given === undefined || Object.hasOwn(this.#object, key)) return this.#object[key];
    let value: unknown = this.#object;
    for (const step of key.split('.'))
      value =
        value instanceof Object && Object.hasOwn(value, step)
          ? (value as Record<string, unknown>)[step]
          : undefined;
    return value;
  }

  #missing(
    value: unknown,
    given: string | undefined,
    names: readonly string[],
    option: string,
    what: 'path' | 'class',
  ) {
    const where = given ?? names.join(', ');
    if (value === undefined)
      return this.#fail(
        `has no ${what} (${where}): ${option} names the key; there are: ${namesInWords(Object.keys(this.#object))}`,
      );
    const within = value instanceof Object ? `; in it are: ${namesInWords(Object.keys(value))}` : '';
    return this.#fail(
      `expected a ${what} in ${where}, got ${shownJson(value)}${within}: ${option} names another key, such as a.b for one in an object`,
    );
  }

  readonly #fail = (reason: string) => lineError(this.#path, this.#line, reason);

  #parse(text: string): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw lineError(this.#path, this.#line, `is not JSON: ${(error as Error).message}`);
    }
    if (value instanceof Object && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
    const expected = 'expected an object, such as {"file_name": "cat/1.jpg", "label": "cat"}';
    throw lineError(this.#path, this.#line, `${expected}, got ${text.slice(0, 100)}`);
  }
}
