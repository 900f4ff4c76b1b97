import { htmlDocument } from '../html/document.ts';
import { element, type Markup, section } from '../html/markup.ts';
import { style } from '../html/style.ts';
import { erasedSection } from './erased-section.ts';
import { labelSection } from './label-section.ts';
import { mixSection } from './mix-section.ts';
import { factList, factTiles, labelNames, type ReplayContext, warningList } from './page-parts.ts';
import type { ImageSource } from './picture-markup.ts';
import type { Replay } from './replay-batch.ts';
import { replayStyle } from './style.ts';
import { tensorSection } from './tensor-section.ts';
import { waySection } from './way-section.ts';
import { occurrenceFacts } from './words.ts';

/** A replayed row as one HTML file, well-formed XML too, that needs no other file, no network and no script. */
export function replayPage(replay: Replay, context: ReplayContext, source: ImageSource): string {
  const { seed, epoch, batch, row, rows, sample, digests } = replay;
  return htmlDocument(
    { title: `${sample.key}: what the model saw`, style: style + replayStyle },
    header(replay, context),
    warningList([...context.warnings, ...substitutions(replay)]),
    proof(replay),
    factTiles([
      ...context.facts,
      ...[['seed', String(seed)] as const, ['epoch', String(epoch)] as const],
      ...[['batch', String(batch)] as const, ['row', `${row} of 0..${rows - 1}`] as const],
      ['sample', String(sample.id)],
      ...occurrenceFacts(replay),
    ]),
    waySection(sample, source),
    mixSection(replay, context, source),
    erasedSection(replay, source),
    labelSection(replay, context),
    tensorSection(replay, source),
    section(
      'Reproduce',
      element('pre', {}, context.commands.join('\n')),
      factList([
        ['digest of the row', digests.row],
        ['of the pipeline', digests.pipeline],
      ]),
    ),
  );
}

function header({ sample, row, batch, epoch }: Replay, { dataset }: ReplayContext): Markup {
  return element(
    'header',
    {},
    element('p', { class: 'overline' }, `What the model saw in row ${row} of batch ${batch}, epoch ${epoch}`),
    element('h1', {}, sample.key),
    element('p', {}, `${labelNames(dataset, sample)} · ${dataset.name}, ${dataset.length} images`),
  );
}

function proof({ row, digests }: Replay): Markup {
  const text =
    'Drawn anew and run operator by operator, the sample ends, byte for byte, in ' +
    `row ${row} of the batch that the pipeline gives. Digest of the row: `;
  return element(
    'p',
    { class: 'proof' },
    element('b', {}, 'Proven. '),
    text,
    element('code', {}, digests.row),
  );
}

const substitutions = ({ substitutions: tried }: Replay): string[] =>
  tried.map(
    ({ key, message, code }) =>
      `${key} was to stand in this row, and could not be used: ${message} [${code}]. Another sample stands in for it.`,
  );
