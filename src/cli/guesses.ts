import type { Classification } from '../training/classify.ts';
import { percent } from './figures.ts';

/** How guesses are printed: for people, or for programs. */
export interface GuessFormat {
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

/** The lines of one image. @param isFirst CSV begins with the names of its columns */
export function guessLines(found: Classification, { json, csv }: GuessFormat, isFirst: boolean): string[] {
  if (json) return [JSON.stringify(found)];
  if (csv) return [...(isFirst ? [csvHeader(found)] : []), csvLine(found)];
  const lines = found.guesses.map(({ name, probability }) => `${percent(probability).padStart(9)}  ${name}`);
  return [found.image, ...lines];
}

function csvHeader({ guesses }: Classification): string {
  return ['image', ...guesses.flatMap((_, i) => [`class ${i + 1}`, `probability ${i + 1}`])].join(',');
}

/** A line per image, the best guess first. */
function csvLine({ image, guesses }: Classification): string {
  const cells = guesses.flatMap(({ name, probability }) => [name, String(probability)]);
  return [image, ...cells].map(quoted).join(',');
}

/** As RFC 4180 has it. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
