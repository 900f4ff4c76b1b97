import type { TextColumn } from './text-column.ts';
import { textNumber } from './text-number.ts';

/** Finds texts of a column: 12 bytes for each, as long as it is there. */
export class TextPlaces {
  readonly #texts: TextColumn;
  /** A text's index and 1, in the slot of its number or in the next free one behind that; 0 in free ones. */
  readonly #slots: Uint32Array;
  /** Of each slot's text the low bits of its number: few texts are read in vain. */
  readonly #numbers: Uint32Array;

  constructor(texts: TextColumn) {
    this.#texts = texts;
    const count = Math.ceil(texts.length * 1.5) + 1;
    this.#slots = new Uint32Array(count);
    this.#numbers = new Uint32Array(count);
    for (let index = 0; index < texts.length; index++) {
      const text = texts.at(index);
      const number = textNumber(text);
      const slot = this.#slotOf(text, number);
      this.#slots[slot] = index + 1;
      this.#numbers[slot] = number;
    }
  }

  /** The last index of a text; undefined where the column has none such. */
  placeOf(text: string): number | undefined {
    const index = (this.#slots[this.#slotOf(text, textNumber(text))] as number) - 1;
    return index === -1 ? undefined : index;
  }

  /** Of the text, or the free one in which it would be. */
  #slotOf(text: string, number: number): number {
    for (let slot = number % this.#slots.length; ; slot = (slot + 1) % this.#slots.length) {
      const index = (this.#slots[slot] as number) - 1;
      if (index === -1) return slot;
      if (this.#numbers[slot] === number >>> 0 && this.#texts.at(index) === text) return slot;
    }
  }
}
