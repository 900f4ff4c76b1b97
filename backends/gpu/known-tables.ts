import type { ResidentTable, ResidentTables, TableDefinition } from '../kernels/shader.ts';

/** Beyond it all are forgotten: some megabytes. */
const MOST_TABLES = 1 << 14;

/**
 * What programs that are planned on this thread need to know of tables on the device. A table's words are made once, when it
 * is first asked for, and given along with it then; it is the device's side that keeps them.
 */
export class KnownTables implements ResidentTables {
  readonly #tables = new Map<string, ResidentTable>();

  get(definition: TableDefinition, ...parameters: readonly number[]): ResidentTable {
    const key = `${definition.name} ${parameters.join(' ')}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    if (this.#tables.size === MOST_TABLES) this.#tables.clear();
    const { words, facts = [] } = definition.make(...parameters);
    this.#tables.set(key, { parameters, facts, words: undefined });
    return { parameters, facts, words };
  }
}
