import type { Box, RawImage } from '../core/image.ts';
import { element, type Markup } from '../report/markup.ts';

/** The data URL of an image. */
export type ImageSource = (image: RawImage) => string;

/** Images of up to half of this edge are enlarged to it, by a whole factor: every pixel a square. */
const EDGE = 224;

/** An image of the page, with the part that is read next, if it is a part, drawn in. */
export function picture(image: RawImage, source: ImageSource, box?: Box): Markup {
  const { width, height } = image;
  const factor = Math.max(1, Math.floor(EDGE / Math.max(width, height)));
  const shown = { width: width * factor, height: height * factor };
  const img = element('img', {
    src: source(image),
    alt: '',
    ...shown,
    class: factor > 1 ? 'pixels' : undefined,
  });
  return element(
    'div',
    { class: 'picture', style: `max-width: ${shown.width}px` },
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
