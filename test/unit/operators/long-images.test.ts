import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RawImage, Size } from '../../../src/core/image.ts';
import {
  applyOperators,
  centerCrop,
  images,
  invert,
  pipeline,
  randomHorizontalFlip,
  resize,
} from '../../../src/index.ts';

/** A pattern that a few lines of Python make as well. */
function patternOf({ width, height }: Size): RawImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    data[i] = x * 7 + y * 13 + (i % 3) * 5 + ((x * y) % 11);
  }
  return { width, height, data };
}

// SHA-256 of what Pillow 13.0's resize and crop make of the pattern: the resized images are up to 115,200 pixels long
const goldens = [
  [3000, 20, 'bilinear', '7b07e466af5325745f261087a8e5372911b6d2ff8893cba017c6c02fd5e57ef9'],
  [3000, 20, 'bicubic', '6032fe267b6c96a097aa3db153d462f79d88fbc77afe8c7d7d56141dec2e369a'],
  [20, 3000, 'bilinear', '4bd31921e2d3cc5cc0b6cc75e65f9cfcda6dc9dd439122027a15a69f31cd9786'],
  [20, 3000, 'bicubic', '5aeccd8063714a2da31ecf57d4f6046d775dfa32e393741af20070f05fe9da2b'],
  [600, 2, 'bilinear', 'ae5fed15949fe936f7c0371fedb22cf38428d23dc9b023489c408bbf2a8029cd'],
  [2, 900, 'bicubic', 'c12d9e07683958dbddaa917448e3144b0abddded434dce9a6d1408233a34bc09'],
] as const;

const long = patternOf({ width: 3000, height: 20 });

describe('an image that a resize would make too long', () => {
  it.each(goldens)('%i x %i, %s: is cropped as by Pillow', async (width, height, interpolation, expected) => {
    const steps = [resize({ shortSide: 256, interpolation }), centerCrop(224)];
    for (const backend of ['reference', 'cpu'] as const) {
      const { data } = await applyOperators(patternOf({ width, height }), steps, { backend });
      expect(createHash('sha256').update(data).digest('hex'), backend).toBe(expected);
    }
  });

  it('may be flipped between, and changed after it is cropped', async () => {
    const flip = randomHorizontalFlip({ probability: 1 });
    const steps = [resize({ shortSide: 256 }), flip, centerCrop(224), invert()];
    expect(await applyOperators(long, steps)).toMatchObject({ width: 224, height: 224 });
  });

  it('is refused where the next step needs it whole', async () => {
    const steps = [resize({ shortSide: 256 }), invert(), centerCrop(224)];
    await expect(applyOperators(long, steps)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      operator: 'resize',
      message: expect.stringMatching(/^resize: .* 3000 x 20 .* 38400 pixels long, at most 16384 .* crop/),
    });
  });

  it('goes through a stream', async () => {
    const stream = pipeline(images([{ image: long, label: 0, key: 'long' }]), {
      ...{ batchSize: 1, workers: 0, epochs: 1 },
    }).pipe(resize({ shortSide: 256 }), centerCrop(224));
    let batches = 0;
    for await (const batch of stream) batches += batch.substitutions.length === 0 ? 1 : 0;
    expect(batches).toBe(1);
  });
});
