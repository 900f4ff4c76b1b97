import { channelNames } from '../core/tensor.ts';
import { element, type Markup, section } from '../html/markup.ts';
import { histogramFigure } from './histogram.ts';
import { factList, stageFigure } from './page-parts.ts';
import { type ImageSource, picture } from './picture-markup.ts';
import type { Replay } from './replay-batch.ts';
import { lastImage } from './replayed-sample.ts';
import { channelStatistics } from './tensor.ts';
import type { Fact } from './words.ts';

/** Its values: as a picture, and how many there are of each in every channel. */
export function tensorSection(
  { tensor, format, sample, tensorAsImage }: Replay,
  source: ImageSource,
): Markup {
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
  return section(
    'The tensor',
    element(
      'div',
      { class: 'tensor' },
      stageFigure('the tensor, as a picture', picture(tensorAsImage, source), factList(facts)),
      element(
        'div',
        { class: 'histograms' },
        statistics.map((of, channel) => histogramFigure(channelNames[channel] as string, of, range)),
      ),
    ),
  );
}
