/** A piece of HTML that is XML as well. Text becomes one by `element` only, which escapes it. */
export interface Markup {
  readonly markup: string;
}

export type Child = Markup | string | number | undefined | readonly Child[];
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Elements that HTML gives no end tag. */
const isVoid = /^(br|col|hr|img|meta)$/;

/** An element; attributes that are undefined are left out, children that are undefined as well. */
export function element(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  const start = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(String(value))}"`);
  const open = `<${name}${start.join('')}`;
  return { markup: isVoid.test(name) ? `${open}/>` : `${open}>${toMarkup(children)}</${name}>` };
}

/** A part of a page under its heading. */
export const section = (title: string, ...content: readonly Child[]): Markup =>
  element('section', {}, element('h2', {}, title), content);

/** A table's head of one row: a name a column. */
export function tableHead(names: readonly string[]): Markup {
  const cells = names.map((name) => element('th', { scope: 'col' }, name));
  return element('thead', {}, element('tr', {}, cells));
}

/** Markup that is written by hand: a style sheet, a script. */
export const verbatim = (markup: string): Markup => ({ markup });

function toMarkup(child: Child): string {
  if (child === undefined) return '';
  if (typeof child === 'string' || typeof child === 'number') return escapeText(String(child));
  return 'markup' in child ? child.markup : child.map(toMarkup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, which neither HTML nor XML can hold, become U+FFFD. */
const escapeText = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] as string);
