/** A plain loop over sharp, as Node programs load images today: crop, resize, flip, and a normalisation in JavaScript. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type DeliveredBatch, parseLoader, report, reportEpochs, sampledMean } from '../loader-report.ts';

const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

const options = parseLoader();
const { size, batchSize } = options;
const kernel = options.interpolation === 'bicubic' ? 'cubic' : 'linear';

/** Normalised value of each u8 value of each channel. */
const tables = MEAN.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / (STD[channel] as number)),
);

interface Area {
  readonly width: number;
  readonly height: number;
}

const areas = new Map<string, Promise<Area>>();

/** Size of a file's image, read once: the header is not parsed again in the measured epochs. */
function areaOf(file: string): Promise<Area> {
  const area = areas.get(file) ?? sharp(file).metadata();
  areas.set(file, area);
  return area;
}

const uniform = (min: number, max: number): number => min + (max - min) * Math.random();

/** The box of a random-resized crop, drawn as torchvision does. */
function drawBox({ width, height }: Area) {
  for (let attempt = 0; attempt < 10; attempt++) {
    const pixels = width * height * uniform(0.08, 1);
    const ratio = Math.exp(uniform(Math.log(3 / 4), Math.log(4 / 3)));
    const [w, h] = [Math.round(Math.sqrt(pixels * ratio)), Math.round(Math.sqrt(pixels / ratio))];
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const [left, top] = [width - w, height - h].map((room) => Math.floor(uniform(0, room + 1)));
    return { left: left as number, top: top as number, width: w, height: h };
  }
  return { left: 0, top: 0, width, height };
}

async function loadInto(file: string, row: Float32Array): Promise<void> {
  const image = sharp(file).extract(drawBox(await areaOf(file)));
  const resized = image.resize(size, size, { fit: 'fill', kernel }).flop(Math.random() < 0.5);
  const pixels = await resized.toColourspace('srgb').removeAlpha().raw().toBuffer();
  const [red, green, blue] = tables as [Float32Array, Float32Array, Float32Array];
  for (let i = 0; i < pixels.length; i += 3) {
    row[i] = red[pixels[i] as number] as number;
    row[i + 1] = green[pixels[i + 1] as number] as number;
    row[i + 2] = blue[pixels[i + 2] as number] as number;
  }
}

function shuffled(files: readonly string[]): string[] {
  const keyed = files.map((file) => ({ file, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ file }) => file);
}

/** Twice as many images as workers are under way, so that no thread waits while JavaScript normalises. */
async function loadBatch(files: readonly string[], images: Float32Array): Promise<void> {
  const elements = size * size * 3;
  const rows = files.entries();
  const lane = async (): Promise<void> => {
    for (const [row, file] of rows)
      await loadInto(file, images.subarray(row * elements, (row + 1) * elements));
  };
  await Promise.all(Array.from({ length: 2 * options.workers }, lane));
}

/** Batches in one reused buffer; the next is begun when the consumer asks for it. */
async function* batches(files: readonly string[]): AsyncGenerator<DeliveredBatch> {
  const images = new Float32Array(batchSize * size * size * 3);
  const mean = () => sampledMean(images);
  for (let epoch = 0; epoch <= options.epochs; epoch++) {
    const order = shuffled(files);
    for (let start = 0; start < order.length; start += batchSize) {
      const batch = order.slice(start, start + batchSize);
      await loadBatch(batch, images);
      const isLastOfEpoch = start + batchSize >= order.length;
      const shape = [batch.length, size, size, 3];
      yield { epoch, isLastOfEpoch, images: batch.length, shape, dtype: 'float32', mean };
    }
  }
}

if (options.policy !== 'none') throw new Error('sharp has no policies: --policy must be none');
sharp.concurrency(1); // one thread an image: the images under way are what runs side by side
sharp.cache(false);
const files = readdirSync(options.folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(jpg|png)$/.test(name))
  .map((name) => join(options.folder, name));
report('versions', { sharp: sharp.versions.sharp, vips: sharp.versions.vips, node: process.versions.node });
await reportEpochs(batches(files));
