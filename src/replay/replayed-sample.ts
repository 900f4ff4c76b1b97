import type { EraseBox } from '../../backends/backend.ts';
import type { DrawingOperator } from '../../operators/operator.ts';
import type { Drawn } from '../core/batch.ts';
import type { RawImage } from '../core/image.ts';
import type { RowLabels } from '../core/multi-labels.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { locateSample } from '../datasets/sample.ts';
import type { SampleCoordinates } from '../engine/plan/sample-coordinates.ts';
import type { SampleMaker } from '../engine/rows/sample-maker.ts';
import type { StageImage } from '../engine/rows/stage-images.ts';

/** A sample on its way through the image steps. */
export interface ReplayedSample extends RowLabels {
  readonly id: number;
  readonly key: string;
  /** Which of its rows this is, from 0 on. */
  readonly occurrence: number;
  readonly original: RawImage;
  readonly drawn: readonly Drawn[];
  /** Who drew it. */
  readonly operators: readonly DrawingOperator[];
  readonly stages: readonly StageImage[];
  /** What is erased before the row is mixed, and after; undefined: the pipeline has no such step. */
  readonly erase: readonly EraseBox[] | undefined;
  readonly eraseAfter: readonly EraseBox[] | undefined;
  /** The image as it is mixed: that of the last step, with what is erased before. */
  readonly mixable: RawImage;
}

/** The image that the sample's last step leaves. */
export const lastImage = ({ original, stages }: Pick<ReplayedSample, 'original' | 'stages'>): RawImage =>
  stages.at(-1)?.image ?? original;

/**
 * Goes a sample's way again, by itself: decodes the whole image, draws anew, and runs the operators one by one, where a
 * pipeline decodes what it needs, joins kernel calls, and may be on another backend.
 */
export async function replaySample(
  dataset: Dataset,
  maker: SampleMaker,
  at: SampleCoordinates,
): Promise<ReplayedSample> {
  const { sampleId: id, occurrence = 0 } = at;
  const original = await maker.original(id);
  const { drawn } = maker.draw(original, at);
  const stages = await maker.stages(original, drawn);
  const { image, erasing } = maker.madeRow(lastImage({ original, stages }), drawn);
  const { erase = [], eraseAfter = [] } = erasing;
  const { key, label, labels } = locateSample(dataset, id);
  return {
    ...{ id, key, label, ...(labels && { labels }), occurrence, original, drawn, stages },
    operators: maker.operators,
    erase: maker.plan.erase && erase,
    eraseAfter: maker.plan.eraseAfter && eraseAfter,
    mixable: await maker.picture({ image, erasing: erase.length > 0 ? { erase } : {} }),
  };
}
