import { type Child, element, verbatim } from './markup.ts';

export interface DocumentHead {
  readonly title: string;
  readonly style: string;
  readonly hasScript?: boolean;
}

/** No request leaves the page, whatever stands in it. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
const scriptPolicy = "script-src 'unsafe-inline'";

/** One HTML file, well-formed XML too, that needs no other file and no network. */
export function htmlDocument({ title, style, hasScript = false }: DocumentHead, ...body: Child[]): string {
  const content = hasScript ? `${policy}; ${scriptPolicy}` : policy;
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content }),
    element('title', {}, title),
    element('style', {}, verbatim(style)),
  );
  const html = element('html', { lang: 'en' }, head, element('body', {}, body));
  return `<!doctype html>\n${html.markup}\n`;
}
