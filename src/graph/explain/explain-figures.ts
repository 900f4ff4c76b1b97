import { gibibytes } from '../../core/gibibytes.ts';
import type { PlanFigures, WorkFigures } from './plan-figures.ts';

/**
 * A plan's figures in words: two lines and a table.
 * @param calls what calls of kernels are called on the device
 */
export function explainFigures(
  { nodes, dispatches, kernels, bytes, works, memory }: PlanFigures,
  calls: 'dispatches' | 'calls',
): string {
  const unit = bytes < 1e9 ? megabytes : gigabytes;
  const parts = memory.parts.map((part) => `${part.name} ${gibibytes(part.bytes)}`);
  return [
    `plan       ${nodes} nodes, ${dispatches} ${calls} of ${kernels} kernels, ${unit.of(bytes)} ${unit.name} moved`,
    `memory     ${gibibytes(memory.total)}: ${parts.join(', ')}`,
    '',
    ...workTable(works, bytes, unit, calls),
  ].join('\n');
}

function workTable(works: readonly WorkFigures[], total: number, unit: Unit, calls: string): string[] {
  const rows = works.map(({ work, dispatches, bytes }) => [
    work,
    String(dispatches),
    unit.of(bytes),
    `${((100 * bytes) / total).toFixed(1)} %`,
  ]);
  return aligned([['work', calls, `${unit.name} moved`, 'share'], ...rows]);
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}

interface Unit {
  readonly name: string;
  of(bytes: number): string;
}

const gigabytes: Unit = { name: 'GB', of: (bytes) => (bytes / 1e9).toFixed(2) };
const megabytes: Unit = { name: 'MB', of: (bytes) => (bytes / 1e6).toFixed(2) };
