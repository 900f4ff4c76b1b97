import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawImage } from '../../core/image.ts';
import { randomFor } from '../../core/random.ts';
import { images } from '../../datasets/memory/images.ts';
import { openRanks } from '../../ranks/open-ranks.ts';
import { train } from '../../training/training.ts';
import { PARTS, ROWS_PER_PART, STEPS, type Word } from './words.ts';

/** A program that ranks run: a training of seconds, of a small model on images of noise, with every source of chance. */

/** Lines of the first rank, for the process that started all. */
const say = (word: Word) => process.stdout.write(`${JSON.stringify(word)}\n`);

const ranks = await openRanks();
if (ranks.rank === 0) say({ ranks: ranks.size, library: ranks.library });
const workspace = mkdtempSync(join(tmpdir(), 'millrace-verify-'));
try {
  const { digests } = await train({
    data: images(
      Array.from({ length: 2 * ROWS_PER_PART * PARTS }, (_, i) => ({ image: noise(i), label: i % 4 })),
    ),
    stream: { batchSize: ROWS_PER_PART, workers: 0, digest: true },
    recipe: { imageSize: 32, augmentation: 'autoaugment', mixup: 0.2 },
    optimizer: { optimizer: 'rmsprop', emaDecay: 0.9 },
    ...{ device: 'cpu', threads: 1, parts: PARTS, maxSteps: STEPS, workspace },
    ...{ evaluation: false, checkpoints: false, report: false },
  }).result;
  if (ranks.rank === 0) say({ digest: digests?.weights as string });
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
await ranks.close();

function noise(index: number): RawImage {
  const rng = randomFor(0, 0, index, 0, 'verify');
  const [width, height] = [40, 36];
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => rng.integer(256)) };
}
