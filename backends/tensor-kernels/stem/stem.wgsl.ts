import { columnsOfLanes, rowsOfPart } from '../columns-of-lanes.wgsl.ts';
import { filterOf } from '../filter.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';

/** A thread makes 4 channels of a pixel; the 16 columns of a lane load the same colours. */
export function stemWgsl(form: KernelForm): string {
  const { epilogue } = form;
  const { kernel, stride, marginTop, marginLeft } = filterOf(form);
  return columnsOfLanes(`
  ${rowsOfPart('p.rows')}
  ${epilogue.begin}
  if (c < p.c4) {
    for (var row = start + lane; row < end; row += 16u) {
      let line = row / p.outWidth;
      let sample = line / p.outHeight;
      let top = i32(line % p.outHeight * ${stride}u) - ${marginTop};
      let left = i32(row % p.outWidth * ${stride}u) - ${marginLeft};
      var value = vec4f();
      for (var ky = max(0, -top); ky < min(${kernel}, i32(p.height) - top); ky++) {
        for (var kx = max(0, -left); kx < min(${kernel}, i32(p.width) - left); kx++) {
          let pixel = 3u * ((sample * p.height + u32(top + ky)) * p.width + u32(left + kx));
          let tap = 3u * u32(ky * ${kernel} + kx);
          value += images_at(pixel) * w_at(tap * p.c4 + c);
          value += images_at(pixel + 1u) * w_at((tap + 1u) * p.c4 + c);
          value += images_at(pixel + 2u) * w_at((tap + 2u) * p.c4 + c);
        }
      }
      out_put(row * p.c4 + c, value);
      ${epilogue.add('value', 'row', 'c')}
    }
  }
  ${epilogue.finish('part', 'c')}`);
}
