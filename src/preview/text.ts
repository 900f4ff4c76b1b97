/** The text in the characters that the pixel font has: usual signs in such, '?' for each other code point. */
export const printable = (text: string): string =>
  text
    .replaceAll('×', 'x')
    .replaceAll(' ·', ':')
    .replaceAll('°', ' deg')
    .replace(/[^\x20-\x7e]/gu, '?');

/** Lines of at most `columns` characters, broken after a space, '-', '/' or '_' where that is possible. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.split(/(?<=[ \-/_])/).flatMap((word) => pieces(word, columns))) {
    if (`${line}${part}`.trimEnd().length > columns) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += part;
  }
  return [...lines, line.trimEnd()].filter((kept) => kept !== '');
}

/** A path of at most `length` characters: of a longer one the end, which tells it from its neighbours. */
export const endOfPath = (path: string, length: number): string =>
  path.length <= length ? path : `...${path.slice(path.length - length + 3)}`;

/** A word that is longer than a line, in parts that are not; a space after it does not count. */
function pieces(word: string, columns: number): string[] {
  const count = Math.max(1, Math.ceil(word.trimEnd().length / columns));
  return Array.from({ length: count }, (_, i) =>
    word.slice(i * columns, i === count - 1 ? word.length : (i + 1) * columns),
  );
}
