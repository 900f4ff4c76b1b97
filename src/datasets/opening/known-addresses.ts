/**
 * What is known of addresses, for as long as one run opens its data: training, its validation and the question for splits then
 * list a folder once. Whoever keeps it for longer would not see what changes there.
 */
export class KnownAddresses {
  readonly #known = new Map<string, Promise<unknown>>();

  /** What `find` resolves to, which is called once for all that ask by the same key. A failure is not kept. */
  once<Found>(key: string, find: () => Promise<Found>): Promise<Found> {
    const known = this.#known.get(key) as Promise<Found> | undefined;
    if (known !== undefined) return known;
    const found = find();
    this.#known.set(key, found);
    found.catch(() => this.#known.delete(key));
    return found;
  }
}
