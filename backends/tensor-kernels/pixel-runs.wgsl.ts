import { upTo } from './up-to.ts';

/** Pixels of a run: neighbours in a line of an image, which a thread makes together. */
export const runLength = 4;

/**
 * A loop of a lane over the pixels [start, end) of images, by runs. In `body`, `row` is the first pixel of the run, `left` its
 * column, `y` its line in the image of `sample`; the pixels [max(row, start), runEnd) of the run are the part's.
 */
export const pixelRuns = (height: string, width: string, body: string): string => `
let runsOfLine = (${width} + ${runLength - 1}u) / ${runLength}u;
    let lastRun = (end - 1u) / ${width} * runsOfLine + (end - 1u) % ${width} / ${runLength}u;
    var run = start / ${width} * runsOfLine + start % ${width} / ${runLength}u + lane;
    for (; run <= lastRun; run += 16u) {
      let line = run / runsOfLine;
      let left = run % runsOfLine * ${runLength}u;
      let row = line * ${width} + left;
      let runEnd = min(end, (line + 1u) * ${width});
      let sample = line / ${height};
      let y = line % ${height};
      ${body}
    }`;

/** Texts for each pixel of a run that is the part's. */
export const eachPixelOfRun = (text: (i: number, row: string) => string): string =>
  upTo(runLength)
    .map((i) => {
      const row = `(row + ${i}u)`;
      return `if (${row} >= start && ${row} < runEnd) { ${text(i, row)} }`;
    })
    .join('\n      ');
