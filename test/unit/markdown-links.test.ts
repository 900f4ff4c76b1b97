import { describe, expect, it } from 'vitest';
import { folderOf, writeFiles } from '../support/folders.ts';
import { anchorsOf, deadLinks, linksOf } from '../support/markdown-links.ts';

describe('the search for dead links', () => {
  it('finds every form of a link, and none in code', () => {
    const text = [
      '[a](one.md) and ![b\nb](two.png "title"), [`c`](three.md#x) [![d](four.png)](five.md)',
      '[e]: six.md',
      '<img width="10" src="seven.png"> `[f](no.md)` ``[`g`](no.md)``',
      '```md',
      '[h](no.md)',
      '```',
    ].join('\n');
    const found = ['one.md', 'two.png', 'three.md#x', 'four.png', 'five.md', 'six.md', 'seven.png'];
    expect(linksOf(text)).toEqual(found);
  });

  it('names anchors as GitHub does', () => {
    const text = '# A `b`: c, d!\n## [Link](x.md) to_it\n```\n# no\n```\n## Twice\n## Twice\n';
    expect(anchorsOf(text)).toEqual(['a-b-c-d', 'link-to_it', 'twice', 'twice-1']);
  });

  it('tells dead links from those that lead somewhere', () => {
    const root = folderOf();
    const files = [`${root}/index.md`, `${root}/docs/page.md`];
    const links = '[a](docs/page.md#there) [b](#here) [c](https://example.org)';
    const dead = '[d](gone.md) [e](docs/page.md#gone) [f](#gone)';
    writeFiles(root, { 'index.md': `# Here\n${links} ${dead}`, 'docs/page.md': '# There\n[g](../index.md)' });
    const expected = ['gone.md', 'docs/page.md#gone', '#gone'];
    expect(deadLinks(files, (path) => files.includes(path))).toEqual(
      expected.map((target) => `${root}/index.md: ${target}`),
    );
  });
});
