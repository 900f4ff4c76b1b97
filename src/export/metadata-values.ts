/** Ends the reading of a file, in words. */
export type Fail = (reason: string, cause?: unknown) => never;

/** Reads values that must be among a file's metadata, and of their kind. */
export class MetadataValues {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #fail: Fail;

  constructor(texts: ReadonlyMap<string, string>, fail: Fail) {
    this.#texts = texts;
    this.#fail = fail;
  }

  text(name: string): string {
    return this.#texts.get(name) ?? this.#refuse(name, 'a text');
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const text = this.#texts.get(name);
    return choices.find((choice) => choice === text) ?? this.#refuse(name, choices.join(' or '));
  }

  texts(name: string): readonly string[] {
    const value = this.#json(name);
    return isListOf(isText, value) ? value : this.#refuse(name, 'a list of texts');
  }

  number(name: string): number {
    const value = this.#json(name);
    return isNumber(value) ? value : this.#refuse(name, 'a number');
  }

  /** Of red, green and blue. */
  triple(name: string): [number, number, number] {
    const value = this.#json(name);
    const isTriple = isListOf(isNumber, value) && value.length === 3;
    return isTriple ? (value as [number, number, number]) : this.#refuse(name, 'three numbers');
  }

  #json(name: string): unknown {
    try {
      return JSON.parse(this.#texts.get(name) ?? '');
    } catch {
      // none of them takes it
      return undefined;
    }
  }

  #refuse(name: string, expected: string): never {
    const text = this.#texts.get(name);
    const found = text === undefined ? 'none' : JSON.stringify(shortened(text));
    return this.#fail(`metadata ${name}: expected ${expected}, got ${found}`);
  }
}

/** As much of it as a line holds. */
const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text);

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isListOf = <T>(isOne: (one: unknown) => one is T, value: unknown): value is T[] =>
  Array.isArray(value) && value.every(isOne);
