/** Names of classes that have none of their own: their numbers, up to the highest among the labels. */
export function numberedClasses(labels: Iterable<number>): string[] {
  let count = 0;
  for (const label of labels) count = Math.max(count, label + 1);
  return Array.from({ length: count }, (_, label) => String(label));
}

/** Why a label is refused that is beyond the classes that were named. */
export const namelessClass = (label: number, count: number): string =>
  `class ${label} has no name (${count} are given, for 0..${count - 1})`;

/** The first few names, for messages. */
export function listedNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
}
