import { extname } from 'node:path';

/** How many files were no images, by extension. */
export class PassedOver {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#count(extname(name).toLowerCase() || 'without an extension', 1);
  }

  /** Images that are in no class folder. */
  addUnsorted(name: string): void {
    this.#count(`${extname(name).toLowerCase()} beside the class folders`, 1);
  }

  addAll(others: PassedOver): void {
    for (const [what, count] of others.#counts) this.#count(what, count);
  }

  #count(what: string, count: number): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  /** `passed over 12 .txt, 3 .heic`; undefined where nothing was. */
  get inWords(): string | undefined {
    if (this.#counts.size === 0) return undefined;
    const counts = [...this.#counts].sort(([, a], [, b]) => b - a);
    const rest = counts.slice(MOST).reduce((sum, [, count]) => sum + count, 0);
    const words = counts.slice(0, MOST).map(([what, count]) => `${count} ${what}`);
    return `passed over ${[...words, ...(rest === 0 ? [] : [`${rest} others`])].join(', ')}`;
  }
}

const MOST = 5;
