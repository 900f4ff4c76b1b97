/** Values by lists of numbers, all of one length. Its look-up makes no text of them, which would take longer than the rest. */
export class NumberTree<Value> {
  readonly #root: Node<Value> = new Map();

  /** Of the numbers from `start` to `end`. */
  get(numbers: ArrayLike<number>, start: number, end: number): Value | undefined {
    let node: Node<Value> | Value | undefined = this.#root;
    for (let i = start; i < end && node !== undefined; i++)
      node = (node as Node<Value>).get(numbers[i] as number);
    return node as Value | undefined;
  }

  set(numbers: ArrayLike<number>, start: number, end: number, value: Value): void {
    let node = this.#root;
    for (let i = start; i < end - 1; i++) {
      const number = numbers[i] as number;
      const next = (node.get(number) as Node<Value> | undefined) ?? new Map();
      node.set(number, next);
      node = next;
    }
    node.set(numbers[end - 1] as number, value);
  }

  clear(): void {
    this.#root.clear();
  }
}

type Node<Value> = Map<number, Node<Value> | Value>;
