/** How the products of a tile become sums: pieces of WGSL. */
export interface Sums {
  /** Sets all to zero in so many words: what a loop declares without a value keeps that of the round before (Dawn, Vulkan). */
  readonly start: string;
  /** After the products of 32 terms, and a barrier. */
  readonly afterTerms: string;
  /** Writes the rows 32 * part + 0..31 of the result into Cs. */
  readonly toCs: string;
}
