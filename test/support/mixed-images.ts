import sharp from 'sharp';
import { noise } from './images.ts';
import { patternImage } from './raw-images.ts';

type Pixels = ReturnType<typeof sharp>;

/** Colours that run into each other, of a size that is no multiple of 8. */
function gradient(seed: number, width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0, at = 0; at < data.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (const value of [x * 3 + seed * 29, y * 2 + seed * 53, x + y + seed * 7]) data[at++] = value;
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Images in each way that a store keeps them: JPEGs of several kinds, other formats. All can be decoded. */
export async function mixedImages(): Promise<Record<string, Buffer>> {
  const { data, ...size } = noise({ width: 61, height: 83 }, 5);
  const gray = patternImage(3, 53, 47);
  const images: Record<string, Pixels> = {
    'cat/baseline.jpg': gradient(1, 121, 85).jpeg({ quality: 90 }),
    'cat/full-chroma.jpg': gradient(2, 97, 131).jpeg({ quality: 96, chromaSubsampling: '4:4:4' }),
    'cat/gray.jpg': sharp(gray.data, { raw: { ...gray, channels: 3 } })
      .grayscale()
      .jpeg(),
    'cat/noise.jpg': sharp(data, { raw: { ...size, channels: 3 } }).jpeg({ quality: 98 }),
    'cat/progressive.jpg': gradient(3, 150, 110).jpeg({ progressive: true }),
    'cat/turned.jpg': gradient(4, 130, 70).jpeg().withMetadata({ orientation: 6 }),
    'dog/animation.gif': gradient(5, 64, 48).gif(),
    'dog/image.png': gradient(6, 75, 90).png(),
    'dog/inks.jpg': gradient(7, 66, 58).toColourspace('cmyk').jpeg(),
    'dog/small.webp': gradient(8, 33, 29).webp(),
    'dog/turned.png': gradient(9, 70, 40).png().withMetadata({ orientation: 8 }),
  };
  const files: Record<string, Buffer> = {};
  for (const [key, image] of Object.entries(images)) files[key] = await image.toBuffer();
  return files;
}

/** Two files that cannot be decoded, and one of which a part can. */
export async function damagedImages(): Promise<Record<string, Buffer>> {
  const whole = await gradient(10, 90, 80).jpeg().toBuffer();
  const scratched = Buffer.from(whole);
  scratched.fill(0xff, scratched.length - 200, scratched.length - 150);
  return {
    'dog/cut-off.jpg': whole.subarray(0, whole.length - 300),
    'dog/scratched.jpg': scratched,
    'dog/text.jpg': Buffer.from('This is not an image.'),
  };
}
