import { columnsOfLanes, laneSums, laneSumsDeclaration, rowsOfPart } from '../columns-of-lanes.wgsl.ts';
import { type Filter, filterOf } from '../filter.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';
import { eachPixelOfRun, pixelRuns, runLength } from '../pixel-runs.wgsl.ts';
import { upTo } from '../up-to.ts';

/** A thread makes 4 channels of a run of input pixels, and keeps the sums of every tap. */
export function depthwiseGradientsWgsl(form: KernelForm): string {
  const { epilogue } = form;
  const filter = filterOf(form);
  const taps = upTo(filter.kernel ** 2).map((tap) => `tap${tap}`);
  return `${laneSumsDeclaration(taps.length)}${borders}${columnsOfLanes(`
  ${rowsOfPart('p.inputRows')}
  ${taps.map((tap) => `var ${tap} = vec4f();`).join(' ')}
  ${epilogue.begin}
  if (c < p.c4) {
    ${pixelRuns('p.height', 'p.width', runText(form, filter))}
  }
  ${laneSums(taps, (tap, sum) => `filterParts_put((part * ${taps.length}u + ${tap}) * p.c4 + c, ${sum});`)}
  ${epilogue.finish('part', 'c')}`)}`;
}

const borders = /* wgsl */ `
// of a column outside the image: zeros
fn gradient(line: u32, column: i32, c: u32) -> vec4f {
  let inside = clamp(column, 0, i32(p.outWidth) - 1);
  return select(vec4f(), g(line + u32(inside), c), inside == column);
}
// of a pixel outside the part: zeros
fn input(row: u32, start: u32, end: u32, c: u32) -> vec4f {
  let inside = clamp(row, start, end - 1u);
  return select(vec4f(), x(inside, c), inside == row);
}`;

/** Tap line ky meets output line (reach - ky) / stride, where there is one. */
function runText(form: KernelForm, filter: Filter): string {
  const { kernel, stride, marginTop } = filter;
  return `${upTo(runLength)
    .map((i) => `let input${i} = input(row + ${i}u, start, runEnd, c); var value${i} = vec4f();`)
    .join('\n      ')}
      let reach = i32(y) + ${marginTop};
      let below = max(0, reach / ${stride} - (i32(p.outHeight) - 1));
      for (var ky = reach % ${stride} + below * ${stride}; ky <= min(${kernel - 1}, reach); ky += ${stride}) {
        let outputLine = (sample * p.outHeight + u32((reach - ky) / ${stride})) * p.outWidth;
        let outputLeft = i32(left / ${stride}u);
        ${lineText(filter)}
      }
      ${eachPixelOfRun((i, row) => {
        const made = form.has('add') ? `value${i} + add(${row}, c)` : `value${i}`;
        return `let made = ${made}; out_put(${row} * p.c4 + c, made); ${form.epilogue.add('made', row, 'c')}`;
      })}`;
}

/**
 * What a line of the output gives. It is added to the taps under a `switch`: variables with numbers stay in registers, an array
 * would not.
 */
function lineText(filter: Filter): string {
  const { kernel } = filter;
  const meetings = meetingsOf(filter);
  const columns = [...new Set(meetings.map(({ column }) => column))];
  return `${columns.map((column) => `let ${gradientName(column)} = gradient(outputLine, outputLeft + ${column}, c);`).join('\n        ')}
        ${upTo(kernel)
          .map((kx) => inputGradients(meetings, kernel, kx))
          .join('\n        ')}
        switch (ky) {
          ${upTo(kernel)
            .map((ky) => `case ${ky}: { ${tapGradients(meetings, kernel, ky)} }`)
            .join('\n          ')}
          default: {}
        }`;
}

/** Pixel i of a run meets, by column kx of the filter, an output column (counted from the run's left / stride). */
interface Meeting {
  readonly i: number;
  readonly kx: number;
  readonly column: number;
}

/** All that there are: a run starts at a multiple of its length, so that a stride of 2 or 4 makes no difference between runs. */
function meetingsOf({ kernel, stride, marginLeft }: Filter): Meeting[] {
  const pairs = upTo(runLength).flatMap((i) =>
    upTo(kernel).map((kx) => ({ i, kx, column: (i + marginLeft - kx) / stride })),
  );
  return pairs.filter(({ column }) => Number.isInteger(column)).sort((a, b) => a.column - b.column);
}

/** WGSL's names have no minus. */
const gradientName = (column: number): string => `gradient${column < 0 ? 'Left' : ''}${Math.abs(column)}`;

function inputGradients(meetings: readonly Meeting[], kernel: number, kx: number): string {
  const uses = meetings
    .filter((meeting) => meeting.kx === kx)
    .map(({ i, column }) => `value${i} += ${gradientName(column)} * weight;`);
  return `{ let weight = w_at((u32(ky) * ${kernel}u + ${kx}u) * p.c4 + c); ${uses.join(' ')} }`;
}

const tapGradients = (meetings: readonly Meeting[], kernel: number, ky: number): string =>
  meetings
    .map(({ i, kx, column }) => `tap${ky * kernel + kx} += ${gradientName(column)} * input${i};`)
    .join(' ');
