// Pictures for the other examples, which so need no files of yours: discs of three colours, the same ones every time.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { randomFor } from 'millrace';

const SIDE = 48;
const colours = { apple: [200, 40, 50], lime: [130, 200, 40], plum: [90, 50, 160] };
export const classes = Object.keys(colours);

/** A disc somewhere on a noisy grey ground, as a PNG; its colour is that of the class `number % 3`. */
export function picture(number) {
  const rng = randomFor(0, 0, number, 0);
  const colour = Object.values(colours)[number % classes.length];
  const radius = rng.uniform(10, 16);
  const [left, top] = [rng.uniform(radius, SIDE - radius), rng.uniform(radius, SIDE - radius)];
  return encodePng(SIDE, SIDE, (x, y) => {
    const grey = 90 + rng.integer(60);
    return Math.hypot(x - left, y - top) < radius ? colour : [grey, grey, grey];
  });
}

/** Pictures in memory, for `images`. */
export const pictures = (count, first = 0) =>
  Array.from({ length: count }, (_, i) => ({
    image: picture(first + i),
    label: (first + i) % classes.length,
  }));

/** Writes pictures to `<folder>/train/<class>` and `<folder>/val/<class>`. */
export function writePictures(folder, { train = 120, val = 30 } = {}) {
  for (let number = 0; number < train + val; number++) {
    const place = join(folder, number < train ? 'train' : 'val', classes[number % classes.length]);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `${number}.png`), picture(number));
  }
}

/** @param pixel gives [red, green, blue] at (x, y) */
function encodePng(width, height, pixel) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits a channel, of which there are three
  const row = (y) => [0, ...Array.from({ length: width }, (_, x) => pixel(x, y)).flat()]; // 0: no filter
  const rows = Buffer.from(Array.from({ length: height }, (_, y) => row(y)).flat());
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}
