import { blendTables, residentBlendTable } from '../blend-table.ts';
import { definePreparedShader, residentTable } from '../shader.ts';
import { sharpen } from './sharpen.ts';

export const sharpenShader = definePreparedShader(sharpen, {
  layout: { blend: residentTable(blendTables) },
  prepare: ({ factor }, tables) => ({ blend: residentBlendTable(tables, factor) }),
  source: /* wgsl */ `
fn sharpen(call: Sharpen, image: Image, x: u32, y: u32) -> u32 {
  let pixel = pixelAt(image, x, y);
  let isOutermost = x == 0u || y == 0u || x + 1u >= image.width || y + 1u >= image.height;
  if (isOutermost) { return pixel; }
  let channels = channelsOf(pixel);
  let sum = 4u * channels + sumOfThree(image, x, y - 1u) + sumOfThree(image, x, y) + sumOfThree(image, x, y + 1u);
  let smoothed = (sum + vec3u(6u)) / vec3u(13u);
  return packed(blendChannels(call.blend, smoothed, channels));
}

fn sumOfThree(image: Image, x: u32, y: u32) -> vec3u {
  return channelsOf(pixelAt(image, x - 1u, y)) + channelsOf(pixelAt(image, x, y)) +
    channelsOf(pixelAt(image, x + 1u, y));
}
`,
});
