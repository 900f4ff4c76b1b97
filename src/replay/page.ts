import type { RawImage } from '../core/image.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { htmlDocument } from '../report/document.ts';
import { type Child, element, type Markup } from '../report/markup.ts';
import { style } from '../report/style.ts';
import { type StageContent, stageContents } from './content.ts';
import { histogramFigure } from './histogram.ts';
import { type ImageSource, picture } from './picture-markup.ts';
import type { Replay, ReplayedMixing } from './replay.ts';
import { lastImage, type ReplayedSample } from './sample-replayer.ts';
import { replayStyle } from './style.ts';
import { channelNames, channelStatistics } from './tensor.ts';
import { boxFacts, describeCall, type Fact, partRead, sizeText } from './words.ts';

/** What a page says beside the replay itself. */
export interface ReplayContext {
  readonly dataset: Pick<Dataset, 'name' | 'length' | 'classes'>;
  /** Where the row was asked for by a run's record: the run, the step, and what else is known of it. */
  readonly facts: readonly Fact[];
  readonly warnings: readonly string[];
  /** Command lines that make this page again. */
  readonly commands: readonly string[];
}

/** A replayed row as one HTML file, well-formed XML too, that needs no other file, no network and no script. */
export function replayPage(replay: Replay, context: ReplayContext, source: ImageSource): string {
  const { key } = replay.sample;
  return htmlDocument(
    { title: `${key}: what the model saw`, style: style + replayStyle },
    header(replay, context),
    context.warnings.map((text) => element('p', { class: 'warning' }, text)),
    substitutions(replay),
    proof(replay),
    tiles(replay, context),
    section('The way there', way(replay.sample, source)),
    mixSection(replay, context, source),
    section('The tensor', tensorFigures(replay, source)),
    section('Reproduce', reproduction(replay, context)),
  );
}

function header({ sample, row, batch, epoch }: Replay, { dataset }: ReplayContext): Markup {
  const where = `${labelName(dataset, sample.label)} · ${dataset.name}, ${dataset.length} images`;
  return element(
    'header',
    {},
    element('p', { class: 'overline' }, `What the model saw in row ${row} of batch ${batch}, epoch ${epoch}`),
    element('h1', {}, sample.key),
    element('p', {}, where),
  );
}

function labelName({ classes }: ReplayContext['dataset'], label: number): string {
  return label < 0 ? 'no label' : `${classes[label] ?? 'class'} (label ${label})`;
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

function substitutions({ substitutions: tried }: Replay): Markup[] {
  return tried.map(({ key, message, code }) => {
    const text = `${key} was to stand in this row, and could not be used: ${message} [${code}].`;
    return element('p', { class: 'warning' }, text, ' Another sample stands in for it.');
  });
}

function tiles({ seed, epoch, batch, row, rows, sample }: Replay, { facts }: ReplayContext): Markup {
  const all: Fact[] = [
    ...facts,
    ...[['seed', seed] as const, ['epoch', epoch] as const, ['batch', batch] as const].map(
      ([name, value]): Fact => [name, String(value)],
    ),
    ['row', `${row} of 0..${rows - 1}`],
    ['sample', `${sample.id}`],
  ];
  const items = all.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value)),
  );
  return element('dl', { class: 'tiles' }, items);
}

/** Pixels of the page: a portrait would leave too much room beside it. */
const ORIGINAL_HEIGHT = 400;

/** The original, and the image after each operator. A box is drawn in where the next operator reads a part only. */
function way(sample: ReplayedSample, source: ImageSource): Markup {
  const contents = stageContents(sample);
  const boxAfter = (image: RawImage) => {
    const next = contents.find(({ input, stage }) => input === image && stage !== undefined)?.stage;
    return next && partRead(next.calls, image);
  };
  const { original } = sample;
  const box = boxAfter(original);
  const first = element(
    'figure',
    { class: 'stage original' },
    element('figcaption', {}, element('h3', {}, 'original')),
    picture(original, source, { box, maximumHeight: ORIGINAL_HEIGHT }),
    factList([['size', sizeText(original)], ...(box === undefined ? [] : boxFacts(box, original))]),
  );
  const others = contents.map((content, i) => stageFigure(content, i + 1, boxAfter, source));
  return element('div', { class: 'way' }, first, others);
}

function stageFigure(
  { title, facts, stage, input }: StageContent,
  number: number,
  boxAfter: (image: RawImage) => ReturnType<typeof partRead>,
  source: ImageSource,
): Markup {
  const shown = stage?.image ?? input;
  const calls = stage?.calls ?? [];
  return element(
    'figure',
    { class: stage === undefined ? 'stage idle' : 'stage' },
    element('figcaption', {}, element('h3', {}, element('span', { class: 'number' }, number), title)),
    picture(shown, source, { box: stage && boxAfter(shown) }),
    factList(facts),
    callList(calls.map(describeCall)),
  );
}

function callList(calls: readonly string[]): Markup {
  if (calls.length === 0) return element('p', { class: 'calls' }, 'no kernel call: the pixels stay');
  const count = calls.length === 1 ? '1 kernel call' : `${calls.length} kernel calls`;
  const names = calls.map((call) => call.slice(0, call.indexOf('('))).join(', ');
  return element(
    'details',
    { class: 'calls' },
    element('summary', {}, `${count}: ${names}`),
    calls.map((call) => element('p', {}, element('code', {}, call))),
  );
}

function mixSection(
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
  const side = (title: string, image: RawImage, facts: readonly Fact[]) =>
    element(
      'figure',
      { class: 'stage' },
      element('figcaption', {}, element('h3', {}, title)),
      picture(image, source),
      factList(facts),
    );
  const described = ({ key, label }: ReplayedSample): Fact[] => [
    ['sample', key],
    ['label', labelName(dataset, label)],
  ];
  return section(
    'MixUp',
    element(
      'div',
      { class: 'mix' },
      side(`${lambda.toFixed(4)} × this row`, lastImage(sample), described(sample)),
      element('span', { class: 'sign' }, '+'),
      side(
        `${(1 - lambda).toFixed(4)} × row ${row ^ 1}, its partner`,
        lastImage(partner),
        described(partner),
      ),
      element('span', { class: 'sign' }, '='),
      side('the blend', tensorAsImage, [['lambda', String(lambda)]]),
    ),
    element('h3', {}, 'The label'),
    labelBars(softLabel(sample, mixing), dataset),
  );
}

/** The classes that a row's target is made of, with their weights. */
export function softLabel(
  { label }: ReplayedSample,
  { lambda, partner }: ReplayedMixing,
): [number, number][] {
  if (partner === undefined || partner.label === label) return [[label, 1]];
  return [
    [label, lambda],
    [partner.label, 1 - lambda],
  ];
}

function labelBars(weights: readonly [number, number][], dataset: ReplayContext['dataset']): Markup {
  const rows = weights.map(([label, weight], i) =>
    element(
      'div',
      {},
      element('dt', {}, labelName(dataset, label)),
      element(
        'dd',
        {},
        element('i', { class: `c${i + 1}`, style: `width: ${(weight * 100).toFixed(2)}%` }),
        element('span', {}, `${(weight * 100).toFixed(2)} %`),
      ),
    ),
  );
  return element('dl', { class: 'bars' }, rows);
}

function tensorFigures({ tensor, format, sample, tensorAsImage }: Replay, source: ImageSource): Markup {
  const { width, height } = lastImage(sample);
  const shape = format.layout === 'nhwc' ? [height, width, 3] : [3, height, width];
  const facts: Fact[] = [
    ['shape', `[${shape.join(', ')}] (${format.layout})`],
    ['elements', format.dtype],
    ['values', `(pixel / 255 − mean) / std, mean ${format.mean.join(', ')}, std ${format.std.join(', ')}`],
  ];
  const statistics = format.mean.map((_, channel) => channelStatistics(tensor, format, channel));
  const range = {
    from: Math.min(...statistics.map(({ histogram }) => histogram.from)),
    to: Math.max(...statistics.map(({ histogram }) => histogram.to)),
  };
  return element(
    'div',
    { class: 'tensor' },
    element(
      'figure',
      { class: 'stage' },
      element('figcaption', {}, element('h3', {}, 'the tensor, as a picture')),
      picture(tensorAsImage, source),
      factList(facts),
    ),
    element(
      'div',
      { class: 'histograms' },
      statistics.map((of, channel) => histogramFigure(channelNames[channel] as string, of, range)),
    ),
  );
}

function reproduction({ digests }: Replay, { commands }: ReplayContext): Child[] {
  return [
    element('pre', {}, commands.join('\n')),
    factList([
      ['digest of the row', digests.row],
      ['of the pipeline', digests.pipeline],
    ]),
  ];
}

const factList = (facts: readonly Fact[]): Markup =>
  element(
    'dl',
    { class: 'words' },
    facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );

const section = (title: string, ...content: readonly Child[]): Markup =>
  element('section', {}, element('h2', {}, title), content);
