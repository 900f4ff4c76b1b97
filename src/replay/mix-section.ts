import { element, type Markup, section } from '../html/markup.ts';
import { factList, labelNames, type ReplayContext, stageFigure } from './page-parts.ts';
import { type ImageSource, picture } from './picture-markup.ts';
import type { Replay, ReplayedMixing } from './replay-batch.ts';
import type { ReplayedSample } from './replayed-sample.ts';
import { boxText, type Fact } from './words.ts';

/** The row, its partner and what was made of both; nothing where the pipeline does not mix. */
export function mixSection(replay: Replay, context: ReplayContext, source: ImageSource): Markup | undefined {
  const { mixing } = replay;
  if (mixing === undefined) return undefined;
  if (mixing.partner === undefined) return section('Not mixed', element('p', {}, aloneText(mixing)));
  return mixedSection(replay, { ...mixing, partner: mixing.partner }, context, source);
}

const aloneText = ({ reasonAlone }: ReplayedMixing): string => `This row is not mixed: ${reasonAlone}.`;

function mixedSection(
  { row, sample, mixedAsImage }: Replay,
  { lambda, box, partner }: ReplayedMixing & { readonly partner: ReplayedSample },
  { dataset }: ReplayContext,
  source: ImageSource,
): Markup {
  const side = (title: string, of: ReplayedSample) =>
    stageFigure(
      title,
      picture(of.mixable, source, { box: of === partner ? box : undefined }),
      factList([
        ['sample', of.key],
        ['label', labelNames(dataset, of)],
      ]),
    );
  const facts: Fact[] = [['lambda', String(lambda)], ...(box ? [['box', boxText(box)] as Fact] : [])];
  return section(
    box === undefined ? 'MixUp' : 'CutMix',
    element(
      'div',
      { class: 'mix' },
      side(`${lambda.toFixed(4)} × this row`, sample),
      element('span', { class: 'sign' }, '+'),
      side(`${(1 - lambda).toFixed(4)} × row ${row ^ 1}, its partner`, partner),
      element('span', { class: 'sign' }, '='),
      stageFigure(
        box === undefined ? 'the blend' : 'both, by their areas',
        picture(mixedAsImage, source),
        factList(facts),
      ),
    ),
  );
}
