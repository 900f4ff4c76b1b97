/** A point of a training run. */
export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

const width = 760;
const height = 320;
const margin = { left: 52, right: 16, top: 16, bottom: 36 };
const AVERAGED_STEPS = 20;

/** A page with the loss of every step (light) and its running mean (dark), as one self-contained HTML file. */
export function lossCurvePage(title: string, points: readonly LossPoint[], facts: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: ${width}px; margin: 2em auto; padding: 0 1em; color: #222 }
  svg { width: 100%; height: auto }
  text { font-size: 12px; fill: #666 }
  .each { fill: none; stroke: #9ecae1; stroke-width: 1 }
  .mean { fill: none; stroke: #08519c; stroke-width: 2 }
  .grid { stroke: #e5e5e5 }
</style>
<h1>${escapeHtml(title)}</h1>
${curve(points)}
<ul>${facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join('')}</ul>
</html>
`;
}

function curve(points: readonly LossPoint[]): string {
  const steps = Math.max(1, (points.at(-1)?.step ?? 0) + 1);
  const highest = Math.max(...points.map(({ loss }) => loss), 0.1) * 1.05;
  const x = (step: number) => margin.left + (step / steps) * (width - margin.left - margin.right);
  const y = (loss: number) =>
    height - margin.bottom - (loss / highest) * (height - margin.top - margin.bottom);
  const path = (line: readonly LossPoint[]) =>
    line
      .map(({ step, loss }, i) => `${i === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`)
      .join('');
  const grid = [0, 1, 2, 3, 4].map((fifth) => gridLine((highest * fifth) / 4, y));
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="training loss by step">
${grid.join('\n')}
<path class="each" d="${path(points)}"/>
<path class="mean" d="${path(runningMean(points))}"/>
<text x="${margin.left}" y="${height - 12}">step 0</text>
<text x="${width - margin.right}" y="${height - 12}" text-anchor="end">step ${steps - 1}</text>
</svg>`;
}

function gridLine(loss: number, y: (loss: number) => number): string {
  const at = y(loss).toFixed(1);
  return (
    `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}"/>` +
    `<text x="${margin.left - 6}" y="${at}" text-anchor="end" dominant-baseline="middle">${loss.toFixed(2)}</text>`
  );
}

function runningMean(points: readonly LossPoint[]): LossPoint[] {
  let sum = 0;
  return points.map(({ step, loss }, i) => {
    sum += loss - (points[i - AVERAGED_STEPS]?.loss ?? 0);
    return { step, loss: sum / Math.min(i + 1, AVERAGED_STEPS) };
  });
}

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
