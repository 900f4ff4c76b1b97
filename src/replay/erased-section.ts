import { element, type Markup, section } from '../html/markup.ts';
import { factList, stageFigure } from './page-parts.ts';
import { type ImageSource, picture } from './picture-markup.ts';
import type { Replay } from './replay-batch.ts';
import { erasedFacts } from './words.ts';

/** What is erased after the step that mixes rows; nothing where the pipeline has no such step. */
export function erasedSection(
  { sample: { eraseAfter }, mixedAsImage, tensorAsImage }: Replay,
  source: ImageSource,
): Markup | undefined {
  if (eraseAfter === undefined) return undefined;
  const isUnchanged = mixedAsImage === tensorAsImage;
  const figure = stageFigure(
    'erase',
    picture(tensorAsImage, source, { isUnchanged }),
    factList(erasedFacts(eraseAfter)),
  );
  return section('Erased after the mix', element('div', { class: 'way' }, figure));
}
