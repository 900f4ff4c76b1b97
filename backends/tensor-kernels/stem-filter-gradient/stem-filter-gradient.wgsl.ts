import { columnsOfLanes, laneSums, laneSumsDeclaration, rowsOfPart } from '../columns-of-lanes.wgsl.ts';
import { filterOf } from '../filter.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';
import { upTo } from '../up-to.ts';

/** A thread computes the gradient of a pixel's 4 channels once, and keeps the sums of every tap and colour. */
export function stemFilterGradientWgsl(form: KernelForm): string {
  const { kernel, stride, marginTop, marginLeft } = filterOf(form);
  const sums = upTo(3 * kernel ** 2).map((i) => `sum${i}`);
  return `${laneSumsDeclaration(sums.length)}
// of a pixel outside the image: black
fn colors(sample: u32, y: i32, x: i32) -> vec3f {
  let insideY = clamp(y, 0, i32(p.height) - 1);
  let insideX = clamp(x, 0, i32(p.width) - 1);
  let i = 3u * ((sample * p.height + u32(insideY)) * p.width + u32(insideX));
  let inside = vec3f(images_at(i), images_at(i + 1u), images_at(i + 2u));
  return select(vec3f(), inside, insideY == y && insideX == x);
}
${columnsOfLanes(`
  ${rowsOfPart('p.rows')}
  ${sums.map((sum) => `var ${sum} = vec4f();`).join(' ')}
  if (c < p.c4) {
    for (var row = start + lane; row < end; row += 16u) {
      let line = row / p.outWidth;
      let sample = line / p.outHeight;
      let top = i32(line % p.outHeight * ${stride}u) - ${marginTop};
      let left = i32(row % p.outWidth * ${stride}u) - ${marginLeft};
      let gradient = g(row, c);
      ${upTo(kernel ** 2)
        .map((tap) => tapText(tap, kernel))
        .join('\n      ')}
    }
  }
  ${laneSums(sums, (i, sum) => `parts_put((part * ${sums.length}u + ${i}) * p.c4 + c, ${sum});`)}`)}`;
}

const tapText = (tap: number, kernel: number): string => `{
        let color = colors(sample, top + ${Math.floor(tap / kernel)}, left + ${tap % kernel});
        ${['r', 'g', 'b'].map((channel, i) => `sum${3 * tap + i} += gradient * color.${channel};`).join(' ')}
      }`;
