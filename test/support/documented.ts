import { readFileSync } from 'node:fs';

/** The code block of a document that begins with this comment: `// name`. */
export function documentedModule(document: string, name: string): string {
  const blocks = readFileSync(document, 'utf8').split('```');
  const block = blocks.find((part) => part.startsWith(`js\n// ${name}\n`));
  if (block === undefined) throw new Error(`${document}: no code block begins with // ${name}`);
  return block.slice('js\n'.length);
}
