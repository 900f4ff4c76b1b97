import { byCodeUnit, isFolder, isFolderPath, listFolder } from './folders.ts';

export const isPattern = (text: string): boolean => /[*?[{]/.test(text);

/**
 * Paths of the files that a pattern names, as a shell would expand it: `*` and `?` within a name, `[a-z]`, `{jpg,png}`,
 * and `**` for folders of any depth. Hidden files are left out. Ordered by path.
 */
export function glob(pattern: string): string[] {
  // the shells of Windows expand nothing, and people type its separator
  const separator = process.platform === 'win32' ? /[\\/]/ : '/';
  const [first = '', ...others] = pattern.split(separator);
  // what begins with a slash begins at the root
  const found = first === '' ? match('/', others) : match('', [first, ...others]);
  return [...new Set(found)].sort(byCodeUnit);
}

/** @param prefix the folder that the parts are sought in, with a slash at its end; '': the current one */
function match(prefix: string, [part = '', ...rest]: readonly string[]): string[] {
  if (part === '**') return [prefix, ...foldersBelow(prefix)].flatMap((folder) => match(folder, rest));
  const isLast = rest.length === 0;
  if (!isLast && !isPattern(part)) return match(`${prefix}${part}/`, rest);
  const expression = expressionOf(part);
  return entriesOf(prefix)
    .filter(({ name, isFolder }) => expression.test(name) && isFolder !== isLast)
    .flatMap(({ name }) => (isLast ? [`${prefix}${name}`] : match(`${prefix}${name}/`, rest)));
}

function foldersBelow(prefix: string): string[] {
  // not through links: they may lead back
  const folders = entriesOf(prefix).filter(({ isFolder, isLink }) => isFolder && !isLink);
  return folders.flatMap(({ name }) => [`${prefix}${name}/`, ...foldersBelow(`${prefix}${name}/`)]);
}

function entriesOf(prefix: string) {
  const folder = prefix === '' ? '.' : prefix;
  if (!isFolderPath(folder)) return [];
  return listFolder(folder).map((entry) => ({
    name: entry.name,
    isFolder: isFolder(folder, entry),
    isLink: entry.type.isSymbolicLink(),
  }));
}

/** A part of a pattern as a regular expression for a whole name. */
function expressionOf(part: string): RegExp {
  const source = part.replace(/\*|\?|\[!?[^\]]+\]|\{[^}]*\}|[^*?[{]+|[[{]/g, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (/^\[.+\]$/.test(token)) return token.replace('[!', '[^').replaceAll('\\', '\\\\');
    if (/^\{.*\}$/.test(token)) return `(?:${token.slice(1, -1).split(',').map(literal).join('|')})`;
    return literal(token);
  });
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    // a range such as [z-a], which no name is in
    return /$^/;
  }
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
