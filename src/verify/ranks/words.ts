/** Parts of each step of the training: the most ranks that it is tried on. */
export const PARTS = 4;
export const ROWS_PER_PART = 4;
export const STEPS = 3;

/** What the first rank says: first that it is there, at the end what was trained. */
export type Word =
  | { readonly ranks: number; readonly library?: string | undefined }
  | { readonly digest: string };
