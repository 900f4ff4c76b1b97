import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

/** Of these documents, the links that lead to no file or to no heading of a document, as `document: target`. */
export function deadLinks(documents: readonly string[], isFile: (path: string) => boolean): string[] {
  return documents.flatMap((document) =>
    linksOf(readFileSync(document, 'utf8'))
      .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(document, target, isFile))
      .map((target) => `${document}: ${target}`),
  );
}

function leadsSomewhere(document: string, target: string, isFile: (path: string) => boolean): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  if (!isFile(file)) return false;
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}

/** Targets of links and images: `[text](target)`, `[name]: target` and HTML. */
export function linksOf(text: string): string[] {
  const prose = withoutBlocks(text).replaceAll(/(`+)[^`]+\1/g, '');
  const forms = [/\]\(\s*([^)\s]+)/g, /^\[[^\]]+\]:\s*(\S+)/gm, /<\w+[^>]*\s(?:src|href)="([^"]+)"/g];
  return forms.flatMap((form) => [...prose.matchAll(form)].map(([, target = '']) => target));
}

/** Anchors of the headings, as GitHub and npm name them. */
export function anchorsOf(text: string): string[] {
  const taken = new Map<string, number>();
  return [...withoutBlocks(text).matchAll(/^#+ +(.+?) *#*$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .replaceAll(/\]\([^)]*\)/g, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const before = taken.get(anchor) ?? 0;
    taken.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

const withoutBlocks = (text: string): string => text.replaceAll(/^( *)(```|~~~)[\s\S]*?^\1\2/gm, '');
