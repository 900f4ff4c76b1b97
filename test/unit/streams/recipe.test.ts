import { describe, expect, it } from 'vitest';
import { images, pipeline } from '../../../src/index.ts';
import { cropModes, evaluationSteps, testTimeAugmentations, viewsOf } from '../../../src/streams/recipe.ts';
import { patternImage } from '../../support/raw-images.ts';

const wide = images([{ image: patternImage(1, 40, 12), label: 0 }]);

/** The rows that an evaluation has of an image. */
async function rowsOf(recipe: Omit<Parameters<typeof evaluationSteps>[0], 'imageSize' | 'interpolation'>) {
  const steps = evaluationSteps({ imageSize: 14, interpolation: 'bilinear', ...recipe });
  const views = viewsOf(recipe);
  for await (const { shape, images: rows } of pipeline(wide, { batchSize: views, views, workers: 0 }).pipe(
    ...steps,
  )) {
    const length = rows.length / views;
    return { shape, rows: Array.from({ length: views }, (_, i) => rows.slice(i * length, (i + 1) * length)) };
  }
  throw new Error('no batch');
}

describe.each([undefined, ...cropModes])('the views of an evaluation with crop mode %s', (cropMode) => {
  it.each(testTimeAugmentations)(
    'are of the model’s size, among them the one without tta, with tta %s',
    async (tta) => {
      const { shape, rows } = await rowsOf({ cropMode, tta });
      expect(shape).toEqual([viewsOf({ tta }), 14, 14, 3]);
      const [centre] = (await rowsOf({ cropMode })).rows;
      expect(rows[tta === 'flip' ? 0 : 4]).toEqual(centre);
    },
  );
});
