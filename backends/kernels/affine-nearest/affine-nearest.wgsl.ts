import { defineShader } from '../shader.ts';
import { affineNearest } from './affine-nearest.ts';

export const affineNearestShader = defineShader(
  affineNearest,
  /* wgsl */ `
fn affineNearest(call: AffineNearest, image: Image, x: u32, y: u32) -> u32 {
  let sourceX = (call.a0 * i32(x) + call.a1 * i32(y) + call.a2) >> 16u;
  let sourceY = (call.a3 * i32(x) + call.a4 * i32(y) + call.a5) >> 16u;
  let isInside = sourceX >= 0 && sourceX < i32(image.width) && sourceY >= 0 && sourceY < i32(image.height);
  if (!isInside) { return call.fill; }
  return pixelAt(image, u32(sourceX), u32(sourceY));
}
`,
);
