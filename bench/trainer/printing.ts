import type { Summary } from '../measure.ts';

/** Lines of a section, and an empty one. */
export const print = (...lines: readonly string[]): void =>
  void process.stdout.write(`${lines.join('\n').trimEnd()}\n\n`);

/** `12.30 (11.90..14.10)`. */
export const span = ({ median, min, max }: Summary): string =>
  `${median.toFixed(2)} (${min.toFixed(2)}..${max.toFixed(2)})`;

export const perSecond = (rows: number, { median }: Summary): string => ((1000 * rows) / median).toFixed(0);
