import type { Box, RawImage } from '../core/image.ts';
import { element, type Markup, section } from '../html/markup.ts';
import { type StageContent, stageContents } from './content.ts';
import { factList, stageFigure } from './page-parts.ts';
import { type ImageSource, picture } from './picture-markup.ts';
import type { ReplayedSample } from './replayed-sample.ts';
import { boxFacts, describeCall, type Fact, partRead, sizeText } from './words.ts';

/** Pixels of the page: a portrait would leave too much room beside it. */
const ORIGINAL_HEIGHT = 560;
/** Of a stage without its border: an original that fits takes no more room than the others. */
const COLUMN_WIDTH = 224;

/** The original, and the image after each operator. A box is drawn in where the next operator reads a part only. */
export function waySection(sample: ReplayedSample, source: ImageSource): Markup {
  const contents = stageContents(sample);
  const boxAfter = (image: RawImage) => {
    const next = contents.find(({ input, stage }) => input === image && stage !== undefined)?.stage;
    return next && partRead(next.calls, image);
  };
  const { original } = sample;
  const box = boxAfter(original);
  const size: Fact = ['size', sizeText(original)];
  const first = stageFigure(
    'original',
    picture(original, source, { box, maximumHeight: ORIGINAL_HEIGHT }),
    factList(box === undefined ? [size] : [size, ...boxFacts(box, original)]),
  );
  const others = contents.map((content, i) => operatorFigure(content, i + 1, boxAfter, source));
  const isSmall = Math.max(original.width, original.height) <= COLUMN_WIDTH;
  return section('The way there', element('div', { class: isSmall ? 'way' : 'way large' }, first, others));
}

function operatorFigure(
  { title, facts, stage, input, result }: StageContent,
  number: number,
  boxAfter: (image: RawImage) => Box | undefined,
  source: ImageSource,
): Markup {
  return stageFigure(
    [element('span', { class: 'number' }, number), title],
    picture(result, source, { box: stage && boxAfter(result), isUnchanged: result === input }),
    factList(facts),
    // what erases is done as pixels become a tensor
    stage === undefined && result !== input ? [] : callList((stage?.calls ?? []).map(describeCall)),
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
