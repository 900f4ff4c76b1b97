/** What makes HTML of ours no XML: unmatched tags, bare `<` or `&`, unquoted attributes. Undefined where it is well-formed. */
export function flawOf(html: string): string | undefined {
  const open: string[] = [];
  const body = html.replace(/^<!doctype html>\n/, '');
  for (const [token = ''] of body.matchAll(/<[^>]*>?|[^<]+/g)) {
    if (!token.startsWith('<')) {
      if (/&(?!(amp|lt|gt|quot|#39);)/.test(token)) return `bare & in ${token.slice(0, 80)}`;
      if (open.length === 0 && token.trim() !== '')
        return `text outside of the document: ${token.slice(0, 80)}`;
      continue;
    }
    const [, slash, name, attributes = '', empty] = token.match(tag) ?? [];
    if (name === undefined) return `no tag: ${token.slice(0, 80)}`;
    if (/&(?!(amp|lt|gt|quot|#39);)/.test(attributes)) return `bare & in ${token.slice(0, 80)}`;
    if (slash && open.pop() !== name) return `${token} closes another element`;
    if (!slash && !empty) open.push(name);
  }
  return open.length > 0 ? `not closed: ${open.join(', ')}` : undefined;
}

const tag = /^<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z][a-zA-Z0-9-]*="[^"<]*")*)(\/?)>$/;
