/** Keys of samples that have no names: their class, and their number with as many digits as the last has. */
export function numberedKey(className: string | undefined, index: number, count: number): string {
  const number = String(index).padStart(String(count - 1).length, '0');
  return className === undefined ? number : `${className}/${number}`;
}
