import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';

/** Code blocks of the documents that begin with the name of an example. */
const quotes = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    [...readFileSync(join('docs', name), 'utf8').matchAll(/```js\n\/\/ (examples\/\S+)\n([\s\S]*?)```/g)].map(
      ([, example = '', code = '']) => ({ document: join('docs', name), example, code }),
    ),
  );

/** A document may indent otherwise. */
const trimmedLines = (code: string): string =>
  code
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join('\n');

describe('the documents', () => {
  it('quote examples where they explain how to extend millrace', () => {
    const pages = ['docs/your-own-dataset.md', 'docs/your-own-operator.md', 'docs/your-own-trainer.md'];
    expect(quotes.map(({ document }) => document)).toEqual(expect.arrayContaining(pages));
  });

  it.each(quotes)('$document quotes $example word for word', ({ example, code }) => {
    const whole = trimmedLines(readFileSync(example, 'utf8'));
    // where a document leaves something out
    for (const part of code.split(/^ *\/\/ \.\.\.$/m)) expect(whole).toContain(trimmedLines(part));
  });
});
