import type { Box, RawImage } from '../core/image.ts';
import { element, type Markup } from '../html/markup.ts';

/** The data URL of an image. */
export type ImageSource = (image: RawImage) => string;

interface PictureOptions {
  /** The part that the next operator reads, to be drawn in. */
  readonly box?: Box | undefined;
  /** Shown faintly: it is the image before. */
  readonly isUnchanged?: boolean;
  /** Images of up to half of this edge are enlarged to it, by a whole factor: every pixel a square. */
  readonly edge?: number;
  /** In pixels of the page. */
  readonly maximumHeight?: number;
}

/** An image of the page. */
export function picture(
  image: RawImage,
  source: ImageSource,
  { box, isUnchanged = false, edge = 224, maximumHeight = Number.POSITIVE_INFINITY }: PictureOptions = {},
): Markup {
  const { width, height } = image;
  const factor = Math.max(1, Math.floor(edge / Math.max(width, height)));
  const shown = { width: width * factor, height: height * factor };
  const img = element('img', {
    src: source(image),
    alt: '',
    ...shown,
    class: factor > 1 ? 'pixels' : undefined,
  });
  return element(
    'div',
    {
      class: isUnchanged ? 'picture unchanged' : 'picture',
      style: `max-width: ${Math.round(Math.min(shown.width, (maximumHeight * width) / height))}px`,
    },
    img,
    box && boxOverlay(box, image),
  );
}

function boxOverlay({ left, top, width, height }: Box, image: RawImage): Markup {
  const outer = `M0 0H${image.width}V${image.height}H0Z`;
  const inner = `M${left} ${top}h${width}v${height}h${-width}Z`;
  return element(
    'svg',
    { class: 'box', viewBox: `0 0 ${image.width} ${image.height}`, preserveAspectRatio: 'none' },
    element('path', { class: 'outside', d: outer + inner }),
    element('path', { class: 'outline', d: inner }),
  );
}
