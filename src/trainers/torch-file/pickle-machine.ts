import { allowedName } from './allowed-names.ts';
import { ByteReader } from './byte-reader.ts';
import { damaged } from './damaged.ts';
import { Storage, StorageType } from './tensor-plan.ts';

/** Where the values of a list, a tuple or a dictionary begin on the stack. */
const mark = Symbol('mark');

/**
 * The stack machine that a pickle is a program of. Python's dictionaries are Maps, its tuples and lists arrays. A value is
 * never copied, and each instruction takes at least a byte: nothing grows beyond the program.
 */
export class PickleMachine {
  readonly reader: ByteReader;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(program: Uint8Array) {
    this.reader = new ByteReader(program, 'data.pkl');
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pushMark(): void {
    this.#stack.push(mark);
  }

  pop(): unknown {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  /** What was pushed since the last mark, in its order. */
  popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw damaged('data.pkl: values without a mark');
    const values = this.#stack.splice(at + 1);
    this.#stack.pop();
    return values;
  }

  remember(key = this.#memo.size): void {
    this.#memo.set(key, this.#top());
  }

  recall(key: number): void {
    if (!this.#memo.has(key)) throw damaged(`data.pkl: asks for value ${key}, which there is not`);
    this.push(this.#memo.get(key));
  }

  /** Adds values to the list on top. */
  append(values: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw damaged('data.pkl: values for what is no list');
    for (const value of values) list.push(value);
  }

  /** Adds keys and values, in turn, to the dictionary on top. */
  setItems(pairs: readonly unknown[]): void {
    const dictionary = this.#top();
    if (!(dictionary instanceof Map) || pairs.length % 2 !== 0)
      throw damaged('data.pkl: items for what is no dictionary');
    for (let i = 0; i < pairs.length; i += 2) dictionary.set(pairs[i], pairs[i + 1]);
  }

  /** Of a dictionary, which attributes it has beside its items is of no use here. */
  dropState(): void {
    this.pop();
    if (!(this.#top() instanceof Map)) throw damaged('data.pkl: a state for what is no dictionary');
  }

  pushNamed(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw damaged('data.pkl: a name that is no text');
    this.push(allowedName(module, name));
  }

  call(): void {
    const parameters = this.pop();
    const called = this.pop();
    if (typeof called !== 'function' || !Array.isArray(parameters))
      throw damaged('data.pkl: calls what cannot be called');
    this.push(called(parameters));
  }

  /** The storage that the tuple on top tells of: ('storage', type, key, device, length). */
  pushStorage(): void {
    const parts = this.pop();
    const [kind, type, key] = Array.isArray(parts) ? parts : [];
    if (kind !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string')
      throw damaged('data.pkl: expected a storage');
    this.push(new Storage(type, key));
  }

  #top(): unknown {
    const value = this.#stack.at(-1);
    if (this.#stack.length === 0 || value === mark)
      throw damaged('data.pkl: takes a value from an empty stack');
    return value;
  }
}
