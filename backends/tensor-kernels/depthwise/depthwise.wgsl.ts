import { columnsOfLanes, rowsOfPart } from '../columns-of-lanes.wgsl.ts';
import { type Filter, filterOf } from '../filter.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';
import { eachPixelOfRun, pixelRuns, runLength } from '../pixel-runs.wgsl.ts';
import { upTo } from '../up-to.ts';

/**
 * A thread makes 4 channels of a run of pixels: what their windows share is loaded, and a lazy value computed, once. Of a
 * 5 x 5 filter that is 40 loads for 4 pixels instead of 100.
 */
export function depthwiseWgsl(form: KernelForm): string {
  const { epilogue } = form;
  return `${border}${columnsOfLanes(`
  ${rowsOfPart('p.rows')}
  ${epilogue.begin}
  if (c < p.c4) {
    ${pixelRuns('p.outHeight', 'p.outWidth', runText(form, filterOf(form)))}
  }
  ${epilogue.finish('part', 'c')}`)}`;
}

const border = /* wgsl */ `
// of a column outside the image: zeros
fn input(line: u32, column: i32, c: u32) -> vec4f {
  let inside = clamp(column, 0, i32(p.width) - 1);
  return select(vec4f(), x(line + u32(inside), c), inside == column);
}`;

function runText({ epilogue }: KernelForm, { kernel, stride, marginTop, marginLeft }: Filter): string {
  const windowWidth = (runLength - 1) * stride + kernel;
  return `let windowTop = i32(y * ${stride}u) - ${marginTop};
      let windowLeft = i32(left * ${stride}u) - ${marginLeft};
      ${upTo(runLength)
        .map((i) => `var value${i} = vec4f();`)
        .join(' ')}
      for (var ky = max(0, -windowTop); ky < min(${kernel}, i32(p.height) - windowTop); ky++) {
        let inputLine = (sample * p.height + u32(windowTop + ky)) * p.width;
        ${upTo(kernel)
          .map((kx) => `let weight${kx} = w_at((u32(ky) * ${kernel}u + ${kx}u) * p.c4 + c);`)
          .join('\n        ')}
        ${upTo(windowWidth)
          .map((column) => usesOfColumn(column, kernel, stride))
          .join('\n        ')}
      }
      ${eachPixelOfRun((i, row) => `out_put(${row} * p.c4 + c, value${i}); ${epilogue.add(`value${i}`, row, 'c')}`)}`;
}

/** Adds a column of the window to the pixels of the run whose filter reaches it. */
function usesOfColumn(column: number, kernel: number, stride: number): string {
  const uses = upTo(runLength)
    .map((i) => ({ i, kx: column - i * stride }))
    .filter(({ kx }) => kx >= 0 && kx < kernel)
    .map(({ i, kx }) => `value${i} += loaded * weight${kx};`);
  return `{ let loaded = input(inputLine, windowLeft + ${column}, c); ${uses.join(' ')} }`;
}
