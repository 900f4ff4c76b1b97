import { defineShader } from '../shader.ts';
import { gather } from './gather.ts';

export const gatherShader = defineShader(
  gather,
  /* wgsl */ `
fn gather(call: Gather, image: Image, x: u32, y: u32) -> u32 {
  let column = program[call.columns + x];
  let row = program[call.rows + y];
  // a negative index is a large unsigned one
  if (column >= image.width || row >= image.height) { return call.fill; }
  return pixelAt(image, column, row);
}
`,
);
