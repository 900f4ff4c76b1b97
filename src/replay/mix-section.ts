import { element, type Markup, section } from '../html/markup.ts';
import { factList, labelName, type ReplayContext, stageFigure } from './page-parts.ts';
import { type ImageSource, picture } from './picture-markup.ts';
import type { Replay } from './replay-batch.ts';
import { lastImage, type ReplayedSample } from './replayed-sample.ts';

/** The row, its partner and the blend of both; nothing where the pipeline does not mix. */
export function mixSection(
  { sample, mixing, row, tensorAsImage }: Replay,
  { dataset }: ReplayContext,
  source: ImageSource,
): Markup | undefined {
  if (mixing === undefined) return undefined;
  const { lambda, partner } = mixing;
  if (partner === undefined) {
    const text = `This row is the last of an odd number: it has no partner, and is not mixed (lambda ${lambda}).`;
    return section('MixUp', element('p', {}, text));
  }
  const side = (title: string, of: ReplayedSample) =>
    stageFigure(
      title,
      picture(lastImage(of), source),
      factList([
        ['sample', of.key],
        ['label', labelName(dataset, of.label)],
      ]),
    );
  return section(
    'MixUp',
    element(
      'div',
      { class: 'mix' },
      side(`${lambda.toFixed(4)} × this row`, sample),
      element('span', { class: 'sign' }, '+'),
      side(`${(1 - lambda).toFixed(4)} × row ${row ^ 1}, its partner`, partner),
      element('span', { class: 'sign' }, '='),
      stageFigure('the blend', picture(tensorAsImage, source), factList([['lambda', String(lambda)]])),
    ),
  );
}
