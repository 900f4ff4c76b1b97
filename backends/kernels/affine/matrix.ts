/**
 * [a, b, c, d, e, f]: output pixel (x, y) shows the input at (a x + b y + c, d x + e y + f), as in Pillow's
 * Image.transform. Coordinates are of pixel corners: the centre of the first pixel is (0.5, 0.5).
 */
export type AffineMatrix = readonly [number, number, number, number, number, number];
