import { blendTables, residentBlendTable } from '../blend-table.ts';
import { definePreparedShader, residentTable } from '../shader.ts';
import { saturation } from './saturation.ts';

export const saturationShader = definePreparedShader(saturation, {
  layout: { blend: residentTable(blendTables) },
  prepare: ({ factor }, tables) => ({ blend: residentBlendTable(tables, factor) }),
  source: /* wgsl */ `
fn saturation(call: Saturation, image: Image, x: u32, y: u32) -> u32 {
  let channels = channelsOf(pixelAt(image, x, y));
  return packed(blendChannels(call.blend, vec3u(luma(channels)), channels));
}
`,
});
