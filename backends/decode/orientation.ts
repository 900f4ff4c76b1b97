/** How an image is to be turned before it is looked at: EXIF tag 0x0112. 1 as it is; from 5 on the sides swap. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** 1 for what is no orientation. */
export const toOrientation = (tag: number | null | undefined): Orientation =>
  typeof tag === 'number' && tag >= 1 && tag <= 8 ? (tag as Orientation) : 1;
