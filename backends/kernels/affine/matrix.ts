import type { Size } from '../../../src/core/image.ts';
import { portableCos, portableSin } from '../../../src/core/portable-math.ts';

/**
 * [a, b, c, d, e, f]: output pixel (x, y) shows the input at (a x + b y + c, d x + e y + f), as in Pillow's
 * Image.transform. Coordinates are of pixel corners: the centre of the first pixel is (0.5, 0.5).
 */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/** What is done to an image about its centre, in this order: shears, scale, rotation, translation. */
export interface AffineParts {
  /** Clockwise. */
  readonly degrees: number;
  /** Pixels to the right and down. */
  readonly translateX: number;
  readonly translateY: number;
  readonly scale: number;
  /** Angles in degrees. */
  readonly shearX: number;
  readonly shearY: number;
}

/** torchvision's matrix of these parts for images of Pillow, operation by operation. */
export function matrixOfParts(parts: AffineParts, { width, height }: Size): AffineMatrix {
  const turn = radians(parts.degrees);
  const shearX = radians(parts.shearX);
  const shearY = radians(parts.shearY);
  const cosY = portableCos(shearY);
  const tanX = portableSin(shearX) / portableCos(shearX);
  const cos = portableCos(turn - shearY);
  const sin = portableSin(turn - shearY);
  // of the map from the input to the output
  const a = cos / cosY;
  const b = (-cos * tanX) / cosY - portableSin(turn);
  const c = sin / cosY;
  const d = (-sin * tanX) / cosY + portableCos(turn);
  const [inverseA, inverseB, inverseC, inverseD] = [d, -b, -c, a].map((value) => value / parts.scale) as [
    number,
    number,
    number,
    number,
  ];
  const centreX = width * 0.5;
  const centreY = height * 0.5;
  const x = -centreX - parts.translateX;
  const y = -centreY - parts.translateY;
  const startX = inverseA * x + inverseB * y + centreX;
  const startY = inverseC * x + inverseD * y + centreY;
  return [inverseA, inverseB, startX, inverseC, inverseD, startY];
}

const radians = (degrees: number): number => degrees * (Math.PI / 180);
